import { fromWire, toWire, type Category } from "../../../api/category";
import { states, type State } from "../queries";

/** What the board shows. */
export type Place = { category: Category | null; page: number; state: State };

/** Its address. */
export function search({ category, page, state }: Place) {
  const asked = new URLSearchParams();
  if (category) asked.set("category", toWire(category));
  if (page > 1) asked.set("page", String(page));
  if (state !== "recruiting") asked.set("state", state);
  return { pathname: "/board", search: String(asked) };
}

/** What an address asks for. What is no good is ignored; addresses of before called the states open and done. */
export function parsePlace(asked: URLSearchParams): Place {
  const page = asked.get("page") ?? "";
  const state = asked.get("state") === "done" ? "complete" : asked.get("state");
  return {
    category: fromWire(asked.get("category")),
    page: /^[1-9]\d{0,8}$/.test(page) ? Number(page) : 1,
    state: states.find((known) => known === state) ?? "recruiting",
  };
}
