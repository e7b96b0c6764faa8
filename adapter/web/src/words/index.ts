import { refused } from "./ko";

/** What to tell a person about anything that was thrown: our words for its code, else the server's own sentence. */
export function refusal(error: unknown): string {
  if (error && typeof error === "object" && "code" in error) {
    const { code, message } = error as { code: unknown; message?: unknown };
    const ours = refused[code as keyof typeof refused] as string | undefined;
    if (ours) return ours;
    if (typeof message === "string" && message) return message;
  }
  return refused.internal;
}

/** The word with the particle that fits its last syllable: josa("치킨", "이/가") is "치킨이". Both, where that is not sure. */
export function josa(word: string, pair: "은/는" | "이/가" | "을/를" | "과/와" | "으로/로"): string {
  const [closed, open] = pair.split("/") as [string, string];
  const end = word.trimEnd();
  const last = end.charCodeAt(end.length - 1);
  // How the last syllable ends: not at all, with ㄹ, or with another consonant.
  let tail = -1;
  if (last >= 0xac00 && last <= 0xd7a3) tail = (last - 0xac00) % 28;
  else if (/[LR178]$|l$|le$/.test(end)) tail = 8;
  else if (/[MN036]$/.test(end)) tail = 1;
  else if (/[A-Z2459aiouy]$/.test(end)) tail = 0;
  if (tail === -1) return `${word}${closed}(${open})`;
  return word + (tail === 0 || (pair === "으로/로" && tail === 8) ? open : closed);
}
