import { partsOf } from "./links";

/** Plain text in which web addresses can be followed. Whoever wrote it is a stranger to us: it never becomes markup. */
export function Linked({ text }: { text: string }) {
  return partsOf(text).map((part, i) =>
    part.type === "link" ? (
      <a key={i} href={part.href} target="_blank" rel="noopener noreferrer nofollow ugc">
        {part.text}
      </a>
    ) : (
      part.text
    ),
  );
}
