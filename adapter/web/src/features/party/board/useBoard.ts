import { useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "react-router";
import { keys } from "../../../api/keys";
import type { Post } from "../../../api/posts";
import { useSession } from "../../../api/session";
import { entryOf } from "../../../ui/useOverlay";
import { useHeld } from "./hold";
import { boardQuery, pageQuery, type State } from "../queries";
import type { Category } from "../../../api/category";

/** How many pages follow the first one, for each entry of the history: Back finds the list as long as it was. */
const lengths = new Map<string, number>();

/**
 * A page of the board, and on a phone those that follow it so far. A later page is read once, and again when posts
 * change; the first one is also read by time.
 */
export function useBoard(address: string, category: Category | null, state: State, page: number) {
  const cache = useQueryClient();
  const me = useSession().user?.id;
  const key = entryOf(useLocation());
  const [, grown] = useState(0);
  const length = lengths.get(key) ?? 0;

  const first = useQuery(boardQuery(address, category, state, page));
  const later = useQueries({ queries: Array.from({ length }, (_, i) => pageQuery(address, category, state, page + 1 + i)) });
  const { held, reveal } = useHeld(JSON.stringify([key, address, category, state, page]), first.isPlaceholderData ? undefined : first.data, me);
  const pages = [first, ...later];
  const loaded = [held?.page ?? first.data, ...later.map(({ data }) => data)].flatMap((data) => data ?? []);
  const newest = loaded.at(-1);
  const tail = pages.at(-1)!;

  return {
    first,
    /** Each once: a new post moves the others on by one. */
    posts: first.data && [...new Map(loaded.flatMap(({ posts }) => posts).map((post) => [post.id, post] as [number, Post])).values()],
    /** How many new posts wait to be shown. */
    news: held?.news ?? 0,
    show: () => {
      reveal();
      // The pages after it have moved on, too.
      void cache.invalidateQueries({ queryKey: keys.boards });
    },
    more: newest !== undefined && newest.paginator.next_button !== null,
    /** Of the page that comes next. */
    loading: length > 0 && tail.isFetching && !tail.data,
    error: length > 0 && !tail.data ? tail.error : null,
    grow: () => {
      if (tail.isError && !tail.data) return void tail.refetch();
      if (!tail.data || tail.isPlaceholderData) return;
      // Posts that have gone since moved others up from the next page to this one.
      if (length > 0) void tail.refetch();
      lengths.set(key, length + 1);
      grown((n) => n + 1);
    },
    aim: (n: number) => void cache.prefetchQuery(pageQuery(address, category, state, n)),
  };
}
