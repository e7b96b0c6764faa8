// Where the cache keeps posts, for features that learn of changes to them.

import type { QueryClient } from "@tanstack/react-query";

/** Each page of each board lies below it. */
export const boardsKey = ["parties"] as const;

export const postKey = (id: number) => ["party", id] as const;

/** A post is not what it was. It is read again at once, even if no screen shows it now: the next one may. */
export function postChanged(cache: QueryClient, id: number) {
  void cache.invalidateQueries({ queryKey: postKey(id), refetchType: "all" });
  void cache.invalidateQueries({ queryKey: boardsKey });
}
