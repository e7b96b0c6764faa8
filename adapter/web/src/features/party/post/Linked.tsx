import type { ReactNode } from "react";

// Addresses end where Hangul or a space begins: "https://a.kr/b에서".
const address = /https?:\/\/[!-;=?-~]+/gi;
const trailing = /[.,:;!?'"*]+$/;

/** Plain text in which web addresses can be followed. Whoever wrote it is a stranger to us. */
export function Linked({ text }: { text: string }) {
  const parts: ReactNode[] = [];
  let end = 0;
  for (const match of text.matchAll(address)) {
    const url = trim(match[0]);
    if (!URL.canParse(url)) continue;
    parts.push(
      text.slice(end, match.index),
      <a key={match.index} href={url} target="_blank" rel="noopener noreferrer nofollow ugc">
        {url}
      </a>,
    );
    end = match.index + url.length;
  }
  return [...parts, text.slice(end)];
}

/** Leaves out what belongs to the sentence: its full stop, and a bracket that was opened before the address. */
function trim(found: string): string {
  const url = found.replace(trailing, "");
  const count = (sign: string) => url.split(sign).length;
  return url.endsWith(")") && count(")") > count("(") ? trim(url.slice(0, -1)) : url;
}
