import { keepPreviousData, queryOptions, useMutation, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { toWire, type Category } from "../../api/category";
import { api, ok, once } from "../../api/client";
import { keys } from "../../api/keys";
import { fromChange, fromDraft, postChanged, postQuery, toPage, toPost, type Draft, type Post, type PostPage } from "../../api/posts";

/** Which posts a board shows: those that take people, those that do not any more, or all. */
export const states = ["recruiting", "complete", "all"] as const;
export type State = (typeof states)[number];

/** One page of the board of a neighbourhood. The address is part of the key: moving shows the new board at once. */
export const pageQuery = (address: string, category: Category | null, state: State, page: number) =>
  queryOptions({
    queryKey: keys.board(address, category, state, page),
    queryFn: ({ signal }) =>
      ok(
        api.GET("/api/post/", {
          params: { query: { ...(category && { category: toWire(category) }), ...(state !== "all" && { state }), ...(page > 1 && { page }) } },
          signal,
        }),
      ).then(toPage),
  });

/** The page that one looks at. */
export const boardQuery = (address: string, category: Category | null, state: State, page: number) =>
  queryOptions({
    ...pageQuery(address, category, state, page),
    // The previous page stays until the next one has loaded, but never one of another neighbourhood.
    placeholderData: (before, query) => (query?.queryKey[1] === address ? keepPreviousData(before) : undefined),
    refetchOnWindowFocus: "always",
    refetchInterval: 60_000,
  });

export { postQuery };

/** A post as its link shows it to anybody. */
export const sharedQuery = (code: string) =>
  queryOptions({
    queryKey: keys.shared(code),
    queryFn: ({ signal }) => ok(api.GET("/api/shared/{code}/", { params: { path: { code } }, signal })).then(toPost),
    refetchOnWindowFocus: "always",
  });

/** A post as the board has it, shown until the post itself has loaded. */
export function fromBoard(cache: QueryClient, id: number): Post | undefined {
  for (const [, page] of cache.getQueriesData<PostPage>({ queryKey: keys.boards })) {
    const post = page?.posts.find((p) => p.id === id);
    if (post) return post;
  }
  return undefined;
}

export function useWrite() {
  const cache = useQueryClient();
  return useMutation({
    /** `key`: the same for as long as it is the same draft, so that it becomes one post however often it is sent. */
    mutationFn: ({ draft, key }: { draft: Draft; key: string }) => ok(api.POST("/api/post/write/", { params: { header: once(key) }, body: fromDraft(draft) })).then(toPost),
    onSuccess: (post) => {
      cache.setQueryData(postQuery(post.id).queryKey, post);
      void cache.invalidateQueries({ queryKey: keys.boards });
      void cache.invalidateQueries({ queryKey: keys.ownRooms });
    },
  });
}

const edit = (id: number, change: Parameters<typeof fromChange>[0]) =>
  ok(api.POST("/api/post/detail/{id}/edit/", { params: { path: { id } }, body: fromChange(change) })).then(toPost);

export function useEdit(id: number) {
  const cache = useQueryClient();
  const { queryKey } = postQuery(id);
  return useMutation({
    mutationFn: (change: Partial<Draft>) => edit(id, change),
    onSuccess: (post) => {
      cache.setQueryData(queryKey, post);
      void cache.invalidateQueries({ queryKey: keys.boards });
    },
    // Somebody may have joined in the meantime.
    onError: () => cache.invalidateQueries({ queryKey }),
  });
}

/** Closes or reopens recruiting, optimistically. */
export function useClose(id: number) {
  const cache = useQueryClient();
  const { queryKey } = postQuery(id);
  return useMutation({
    mutationFn: (close: boolean) => edit(id, { complete: close }),
    onMutate: async (close) => {
      await cache.cancelQueries({ queryKey });
      const before = cache.getQueryData(queryKey);
      // A full party stays complete, whatever its writer wants.
      if (before) cache.setQueryData(queryKey, { ...before, closed_by_writer: close, complete: close || before.join_number >= before.target_number });
      return { before };
    },
    onError: (_error, _close, kept) => {
      if (kept?.before) cache.setQueryData(queryKey, kept.before);
      void cache.invalidateQueries({ queryKey });
    },
    onSuccess: (post) => {
      cache.setQueryData(queryKey, post);
      void cache.invalidateQueries({ queryKey: keys.boards });
    },
  });
}

export function useRemove(id: number) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => ok(api.POST("/api/post/detail/{id}/delete/", { params: { path: { id } } })),
    onSuccess: async () => {
      const { queryKey } = postQuery(id);
      await cache.cancelQueries({ queryKey });
      // Not asked for again, now that it is gone; the screen that shows it is about to close.
      void cache.invalidateQueries({ queryKey, refetchType: "none" });
      cache.setQueriesData<PostPage>({ queryKey: keys.boards }, (page) => page && { ...page, posts: page.posts.filter((p) => p.id !== id) });
      void cache.invalidateQueries({ queryKey: keys.boards });
      void cache.invalidateQueries({ queryKey: keys.ownRooms });
    },
  });
}

/** Takes a seat. Not optimistic: two people may want the last one. */
export function useJoin(id: number) {
  const cache = useQueryClient();
  const { queryKey } = postQuery(id);
  return useMutation({
    mutationFn: (key: string) => ok(api.POST("/api/chat/{id}/", { params: { path: { id }, header: once(key) } })),
    onSuccess: ({ join_number, target_number }) => {
      cache.setQueryData(queryKey, (post) => post && { ...post, join_number, target_number, is_joined: true });
    },
    onSettled: () => {
      // Granted or not, the seats have changed.
      postChanged(cache, id);
    },
  });
}
