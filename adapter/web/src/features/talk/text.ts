// What is in a message.

const letters = "Segmenter" in Intl ? new Intl.Segmenter("ko", { granularity: "grapheme" }) : null;
const picture = /\p{Extended_Pictographic}|\p{Regional_Indicator}{2}/u;

/** Whether it is a few emoji and nothing else. */
export function onlyEmoji(text: string): boolean {
  if (!letters || text.length > 60) return false;
  const all = Array.from(letters.segment(text.trim()), (s) => s.segment);
  return all.length > 0 && all.length <= 4 && all.every((s) => picture.test(s));
}
