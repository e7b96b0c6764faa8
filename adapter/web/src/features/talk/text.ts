// What is in a message: words, and links that can be followed.

export type Part = { type: "text"; text: string } | { type: "link"; text: string; href: string };

const link = /https?:\/\/[^\s<>"'`]+/gi;
const tail = /[.,!?;:…~'")\]}>」』]+$/;

/** Cuts a message into words and links. Nothing but http and https becomes a link. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(link)) {
    const shown = trimTail(match[0]);
    const href = hrefOf(shown);
    if (href === null) continue;
    if (match.index > from) parts.push({ type: "text", text: text.slice(from, match.index) });
    parts.push({ type: "link", text: shown, href });
    from = match.index + shown.length;
  }
  if (from < text.length) parts.push({ type: "text", text: text.slice(from) });
  return parts;
}

/** Without the end of the sentence around it. A bracket that the link itself opens stays. */
function trimTail(url: string): string {
  const short = url.replace(tail, "");
  return short.includes("(") && url.charAt(short.length) === ")" ? `${short})` : short;
}

function hrefOf(url: string): string | null {
  try {
    const { protocol, href } = new URL(url);
    return protocol === "http:" || protocol === "https:" ? href : null;
  } catch {
    return null;
  }
}

const letters = "Segmenter" in Intl ? new Intl.Segmenter("ko", { granularity: "grapheme" }) : null;
const picture = /\p{Extended_Pictographic}|\p{Regional_Indicator}{2}/u;

/** Whether it is a few emoji and nothing else. */
export function onlyEmoji(text: string): boolean {
  if (!letters || text.length > 60) return false;
  const all = Array.from(letters.segment(text.trim()), (s) => s.segment);
  return all.length > 0 && all.length <= 4 && all.every((s) => picture.test(s));
}
