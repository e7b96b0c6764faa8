// What was last seen of the board, of the rooms and of the posts that one is in stays on the device, and stands
// in where there is no network.

import { type QueryClient } from "@tanstack/react-query";
import { Refused } from "../api/client";
import { keys } from "../api/keys";
import type { PostDetail } from "../api/posts";
import { current } from "../api/session";
import { readLastSeen, writeLastSeen } from "../api/storage";
import { whenIdle } from "../ui/idle";

/** Of a board only as many pages. */
const pages = 2;

const [board] = keys.boards;
const [post] = keys.post(0);
const [rooms] = keys.ownRooms;

function isKept([kind, ...rest]: readonly unknown[]): boolean {
  return kind === board ? (rest[3] as number) <= pages : kind === post || kind === rooms;
}

/** Of posts only those that one is in: a board has the others. */
function worth([kind]: readonly unknown[], data: unknown, me: number): boolean {
  if (kind !== post) return true;
  const { is_joined, writer } = data as Partial<PostDetail>;
  return is_joined === true || writer?.id === me;
}

export function keepLastSeen(cache: QueryClient, me: number) {
  cache.getQueryCache().subscribe((event) => {
    if (event.type !== "updated") return;
    const { query, action } = event;
    const key = query.queryKey as readonly unknown[];
    if (!isKept(key)) return;
    const name = JSON.stringify(key);
    if (action.type === "success") {
      const data: unknown = action.data;
      whenIdle(() => {
        // This person may have signed out meanwhile.
        if (current().user?.id === me) writeLastSeen(me, name, worth(key, data, me) ? data : null);
      });
    } else if (action.type === "error" && action.error instanceof Refused && action.error.status !== 401) {
      // It is gone, or nothing of theirs any more. Who is merely asked to wait keeps it.
      if ([403, 404, 410].includes(action.error.status)) return writeLastSeen(me, name, null);
      const kept = query.state.data === undefined ? readLastSeen(me, name) : null;
      // The error stays, and says that this is not how it is now.
      if (kept) query.setState({ data: kept.data, dataUpdatedAt: kept.at });
    }
  });
}
