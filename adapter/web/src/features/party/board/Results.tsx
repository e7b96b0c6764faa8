import type { ReactNode } from "react";
import type { To } from "react-router";
import type { Post, PostPage } from "../../../api/posts";
import { cx } from "../../../ui/cx";
import { PageLinks } from "./PageLinks";
import { PartyCard } from "./PartyCard";
import css from "./PartyList.module.css";

/** A page of the board, and the ways to the others. `children`: what to say if it has no posts. */
export function Results({ posts, paginator, me, to, onAim, leaving, children }: {
  posts: Post[];
  paginator: PostPage["paginator"];
  me: number | undefined;
  to: (page: number) => To;
  /** Somebody is about to go to that page. */
  onAim: (page: number) => void;
  /** Another page will take its place. */
  leaving: boolean;
  children: ReactNode;
}) {
  return (
    <div className={cx(css.results, leaving && css.leaving)} aria-busy={leaving}>
      {posts.length > 0 ? (
        <ul className={css.cards}>
          {posts.map((post) => (
            <PartyCard key={post.id} post={post} mine={post.writer.id === me} />
          ))}
        </ul>
      ) : (
        children
      )}
      <PageLinks paginator={paginator} to={to} onAim={onAim} />
    </div>
  );
}
