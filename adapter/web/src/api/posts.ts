// Posts as the app knows them, and where the cache keeps them. Names that the wire
// spells in its own way are translated here and nowhere else.

import { queryOptions, type QueryClient } from "@tanstack/react-query";
import { toWire, withCategory, type Category } from "./category";
import { api, ok, type Schemas } from "./client";
import { keys } from "./keys";

type Sent = { category: Schemas["Category"]; is_compelete: boolean };
type Known<T extends Sent> = Omit<T, keyof Sent> & {
  category: Category;
  /** Takes nobody: it is full, or its writer closed it. */
  complete: boolean;
};

export type Post = Known<Schemas["Post"]>;
export type PostDetail = Known<Schemas["PostDetail"]>;
export type PostPage = Omit<Schemas["PostPage"], "posts"> & { posts: Post[] };
export type Draft = { category: Category; title: string; content: string; target_number: number };

export function toPost<T extends Sent>({ is_compelete, ...sent }: T): Known<T> {
  return { ...withCategory(sent), complete: is_compelete } as Known<T>;
}

export function toPage(page: Schemas["PostPage"]): PostPage {
  return { ...page, posts: page.posts.map(toPost) };
}

export function fromDraft({ category, ...draft }: Draft) {
  return { ...draft, category: toWire(category) };
}

export function fromChange({ category, complete, ...change }: Partial<Draft & { complete: boolean }>) {
  return { ...change, ...(category && { category: toWire(category) }), ...(complete !== undefined && { is_compelete: complete }) };
}

export const postQuery = (id: number) =>
  queryOptions({
    queryKey: keys.post(id),
    queryFn: ({ signal }) => ok(api.GET("/api/post/detail/{id}/", { params: { path: { id } }, signal })).then(toPost),
    refetchOnWindowFocus: "always",
    refetchInterval: 30_000,
  });

/** Somebody changed a post, or who is in it: what shows it is read again, now or when it is shown next. */
export function postChanged(cache: QueryClient, id: number) {
  void cache.invalidateQueries({ queryKey: keys.post(id) });
  void cache.invalidateQueries({ queryKey: keys.boards });
  void cache.invalidateQueries({ queryKey: keys.ownRooms });
}
