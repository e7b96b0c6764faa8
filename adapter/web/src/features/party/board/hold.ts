import { useEffect, useState } from "react";
import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import type { PostPage } from "../../../api/posts";

/** What of a page of the board is shown, and how many new posts wait to be. */
export type Held = { page: PostPage; news: number };

/**
 * What to show of a page that was read again. What others have posted since waits, so that nothing moves under
 * who reads; one's own posts, and changes of those that are shown, do not wait. An empty page has nothing to move.
 */
export function hold(shown: PostPage | undefined, fresh: PostPage, me: number | undefined): Held {
  const last = shown?.posts.at(-1);
  if (!shown || !last) return { page: fresh, news: 0 };
  const ids = new Set(shown.posts.map(({ id }) => id));
  const here = fresh.posts.filter(({ id, writer }) => ids.has(id) || id < last.id || writer.id === me);
  const news = fresh.posts.length - here.length;
  if (news === 0) return { page: fresh, news };
  // What the new ones have pushed to the next page stays, as it was. What is missing otherwise has gone.
  const end = fresh.posts.at(-1)!.id;
  const pushed = fresh.paginator.next_button === null ? [] : shown.posts.filter(({ id }) => id < end);
  return { page: { ...fresh, posts: [...here, ...pushed] }, news };
}

/** What waits, for each entry of the history: Back finds it waiting. */
const waiting = new WeakMap<QueryClient, Map<string, Held>>();

function waitingIn(cache: QueryClient): Map<string, Held> {
  const all = waiting.get(cache) ?? new Map<string, Held>();
  waiting.set(cache, all);
  return all;
}

/** Holds a page of the board, which is `fresh` as it was read last, until `reveal` is called. `entry`: where one looks at it. */
export function useHeld(entry: string, fresh: PostPage | undefined, me: number | undefined) {
  const all = waitingIn(useQueryClient());
  const [kept, setKept] = useState<{ entry: string; fresh: PostPage | undefined; held: Held | undefined }>({ entry: "", fresh: undefined, held: undefined });
  let now = kept;
  if (kept.entry !== entry || kept.fresh !== fresh) {
    const before = kept.entry === entry ? kept.held : all.get(entry);
    now = { entry, fresh, held: fresh && hold(before?.page, fresh, me) };
    setKept(now);
  }

  const { held } = now;
  useEffect(() => {
    if (held && held.news > 0) all.set(entry, held);
    else if (held) all.delete(entry);
  }, [all, entry, held]);

  return { held, reveal: () => setKept({ entry, fresh, held: fresh && { page: fresh, news: 0 } }) };
}
