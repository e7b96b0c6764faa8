import { toWire, type Category } from "../../../api/category";

export const states = ["all", "open", "done"] as const;
export type State = (typeof states)[number];

/** What the board shows. */
export type Place = { category: Category | null; page: number; state: State };

/** Its address. */
export function search({ category, page, state }: Place) {
  const asked = new URLSearchParams();
  if (category) asked.set("category", toWire(category));
  if (page > 1) asked.set("page", String(page));
  if (state !== "all") asked.set("state", state);
  return { pathname: "/board", search: String(asked) };
}
