import { useQuery } from "@tanstack/react-query";
import { useEffect, useState, type ReactNode } from "react";
import type { Post } from "../../../api/posts";
import { ownRoomsQuery } from "../../../api/rooms";
import { cx } from "../../../ui/cx";
import { whenLoaded } from "../../../ui/idle";
import { PartyCard } from "./PartyCard";
import css from "./PartyList.module.css";

const ids = (rooms: { id: number }[]) => new Set(rooms.map(({ id }) => id));

/** The posts of the board. `nothing`: what to say if there are none; `children`: the way to more. */
export function Results({ posts, me, leaving, nothing, children }: {
  posts: Post[];
  me: number | undefined;
  /** Another page will take its place. */
  leaving: boolean;
  nothing: ReactNode;
  children: ReactNode;
}) {
  // The posts come first.
  const [shown, setShown] = useState(false);
  useEffect(() => whenLoaded(() => setShown(true)), []);
  const { data: rooms } = useQuery({ ...ownRoomsQuery, enabled: shown, select: ids });
  return (
    <div className={cx(css.results, leaving && css.leaving)} aria-busy={leaving}>
      {posts.length > 0 ? (
        <ul className={css.cards}>
          {posts.map((post) => (
            <PartyCard key={post.id} post={post} mine={post.writer.id === me} joined={!post.room_deleted && rooms?.has(post.chat_id) === true} />
          ))}
        </ul>
      ) : (
        nothing
      )}
      {children}
    </div>
  );
}
