// Where one is in a list that grows at both ends. The list is laid out from its
// bottom: scrollTop is 0 there and negative above, so what comes in at the top
// moves nothing, and what comes in at the bottom moves only who is not there.

/** How far from the bottom still counts as being there. */
export const near = 48;

export function atBottom(scrollTop: number): boolean {
  return -scrollTop < near;
}

/** Whether it is time to fetch what is older. */
export function nearTop(list: { scrollTop: number; scrollHeight: number; clientHeight: number }): boolean {
  return list.scrollHeight - list.clientHeight + list.scrollTop < Math.max(600, list.clientHeight);
}

/** The scrollTop at which a row stays where it was, if its distance from the bottom changed. */
export function keepPlace(scrollTop: number, before: number, after: number): number {
  return Math.min(0, scrollTop - (after - before));
}

/** The first of n rows that ends below an edge, by bisection. -1 if none does. */
export function firstBelow(n: number, bottomOf: (i: number) => number, edge: number): number {
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bottomOf(middle) > edge) high = middle;
    else low = middle + 1;
  }
  return low < n ? low : -1;
}
