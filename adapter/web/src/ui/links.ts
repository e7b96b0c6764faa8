// Web addresses in what people write: one rule for posts and messages.

export type Part = { type: "text"; text: string } | { type: "link"; text: string; href: string };

// Symbols that no address has unescaped end it, as do emoji and the quotation marks of any script.
const start = /https?:\/\//gi;
const hostRun = /[\p{L}\p{M}\p{N}._-]+/uy;
const portRun = /:\d{1,5}/y;
const restRun = /[/?#][\p{L}\p{M}\p{N}!#$%&'()*+,\-./:;=?@[\]_~]*/uy;

/** Cuts a text into words and links. Together they are the text. Nothing but http and https becomes a link. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  start.lastIndex = 0;
  for (let match = start.exec(text); match; match = start.exec(text)) {
    const shown = addressAt(text, match.index, start.lastIndex);
    const href = shown && hrefOf(shown);
    if (!shown || !href) continue;
    if (match.index > from) parts.push({ type: "text", text: text.slice(from, match.index) });
    parts.push({ type: "link", text: shown, href });
    from = match.index + shown.length;
    start.lastIndex = from;
  }
  if (from < text.length) parts.push({ type: "text", text: text.slice(from) });
  return parts;
}

function hrefOf(url: string): string | null {
  try {
    return new URL(url).href;
  } catch {
    return null;
  }
}

/** The address that begins at `begin`, its host at `hostAt`; null if there is none. */
function addressAt(text: string, begin: number, hostAt: number): string | null {
  const run = matchAt(hostRun, text, hostAt);
  const host = hostOf(run);
  if (host === null) return null;
  let end = hostAt + host.length;
  if (host.length === run.length) {
    // A name before an @ is what a host is disguised with: no link.
    if (text[end] === "@") return null;
    end += matchAt(portRun, text, end).length;
    if (text[end] === "@" || text[end] === ":") return null;
  }
  const rest = restOf(matchAt(restRun, text, end));
  return text.slice(begin, end) + rest;
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}

const hangul = /\p{Script=Hangul}/u;
const hangulTop = /^(?:한국|삼성|닷컴|닷넷)/; // all there are
const asciiTop = /^(?:[a-z]{2,}|xn--[a-z0-9-]+)/i;
// Where one of these is followed by Hangul, the host ends, whatever else follows.
const wellKnown = /^(?:com|net|org|kr|jp|cn|us|uk|eu|co|io|ai|me|gg|be|app|dev|shop|store|site|xyz|info|biz|link|page)$/i;

const address4 = /^(?:\d+\.){3}\d/;

/** The host that a run of letters begins with: it ends before Hangul behind an ASCII top-level domain. */
function hostOf(run: string): string | null {
  const labels = run.split(".");
  let length = labels[0]!.length;
  for (let n = 1; n < labels.length; n += 1) {
    const label = labels[n]!;
    const top = hangulTop.exec(label)?.[0] ?? asciiTop.exec(label)?.[0] ?? (n === 3 && address4.test(run) ? /^\d+/.exec(label)![0] : "");
    const after = label.slice(top.length);
    const ends = top !== "" && (after === "" ? sentence(labels[n + 1]) : hangul.test(after[0]!)) && (wellKnown.test(top) || !goesOn(labels, n + 1));
    if (ends) return run.slice(0, length + 1 + top.length);
    length += 1 + label.length;
  }
  // A full stop behind it belongs to the sentence.
  const host = run.replace(/[._-]+$/, "");
  return /^[^.].*\../.test(host) ? host : null;
}

/** "https://a.kr.그리고": what follows the full stop is no part of a host. */
const sentence = (label: string | undefined) => label !== undefined && hangul.test(label[0] ?? "") && !hangulTop.test(label);

/** Whether a top-level domain follows: the label before is a mixed one, such as bhc치킨. */
const goesOn = (labels: string[], from: number) => labels.slice(from).some((label) => wellKnown.test(label) || hangulTop.test(label));

// Particles and endings that are written behind an address without a space.
const long = "에서(?:는|도|만|요)?|으로(?:는|도|만)?|에는|에도|에게|한테|까지(?:는|만)?|부터(?:는)?|처럼|입니다|이에요|예요|이고요?|인데요?|이라고|라고|이랑";
const short = "은|는|이|가|을|를|의|에|로|와|과|도|만|랑|나|야|요|임|이야|이나|보다|네요|이네요|죠|이죠";
const behindSign = new RegExp(`(?:${long}|${short})$`);
const behindHangul = new RegExp(`(?:${long})$|(?<=[가-힣])를$`);
const trailing = /[.,!?:;'*~]/;

/** Path, query and fragment, without the end of the sentence around them. */
function restOf(run: string): string {
  // How many brackets were closed before they were opened: in "(https://a.kr/b)" one.
  const loose = { ")": countOf(run, ")") - countOf(run, "("), "]": countOf(run, "]") - countOf(run, "[") };
  let end = run.length;
  for (;;) {
    const last = run[end - 1] ?? "";
    if (trailing.test(last)) end -= 1;
    else if ((last === ")" || last === "]") && loose[last] > 0) {
      loose[last] -= 1;
      end -= 1;
    } else {
      const cut = particleBefore(run.slice(Math.max(0, end - 16), end));
      if (cut === 0) return run.slice(0, end);
      end -= cut;
    }
  }
}

const countOf = (run: string, sign: string) => run.split(sign).length - 1;

/**
 * How much of the end is a particle. Behind Hangul only what no word ends in: the last syllable of 떡볶이 or
 * 제주도 is none. A whole value ("?q=이") is none either.
 */
function particleBefore(end: string): number {
  const laughter = /[ㄱ-ㅣ]+$/.exec(end)?.[0];
  if (laughter) return /[=/]$/.test(end.slice(0, -laughter.length)) ? 0 : laughter.length;
  const found = /[가-힣]+$/.exec(end)?.[0] ?? "";
  if (behindSign.exec(found)?.[0] === found) return end.at(-found.length - 1) === "=" ? 0 : found.length;
  return behindHangul.exec(found)?.[0].length ?? 0;
}
