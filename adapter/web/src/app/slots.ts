// What stands in the screens that are built with the app for what is known only
// when somebody looks: prerender.tsx leaves these places, early.ts fills them.

/** In the frame of the board: whose it is. */
export const city = "\uE000";
export const area = "\uE001";
export const initial = "\uE002";
export const shade = "\uE003";

/** In a card. */
export const id = "\uE004";
export const title = "\uE005";
export const content = "\uE006";
export const category = "\uE007";
export const picture = "\uE008";
export const at = "\uE009";
export const when = "\uE00A";
export const ago = "\uE00B";
export const seats = "\uE00C";
export const count = "\uE00D";
export const writer = "\uE00E";

/** In the ways to other pages. */
export const page = "\uE00F";

/** Fills the places in a part of the page. */
export function fill<T extends Node>(part: T, words: Record<string, string>): T {
  const walk = document.createTreeWalker(part, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  for (let node: Node | null = part; node; node = walk.nextNode()) {
    if (node instanceof Text) texts.push(node);
    else if (node instanceof Element) [...node.attributes].forEach(put);
  }
  texts.forEach(put);
  return part;

  function put(place: Attr | Text) {
    const text = place.nodeValue!.replace(/[\uE000-\uE00F]/g, (slot) => words[slot] ?? slot);
    if (text === place.nodeValue) return;
    place.nodeValue = text;
    // React has no empty text.
    if (place instanceof Text && !text) place.remove();
  }
}
