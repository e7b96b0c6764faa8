import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Post } from "../../../api/posts";
import { CategoryIcon, categoryName } from "../../../ui/CategoryIcon";
import { cx } from "../../../ui/cx";
import { Seats } from "../../../ui/Seats";
import { Skeleton } from "../../../ui/Skeleton";
import { TimeAgo } from "../../../ui/TimeAgo";
import { party as words } from "../../../words/party";
import css from "./PartyCard.module.css";
import { StateBadge } from "../StateBadge";

/** Loads the screen that a card leads to, once somebody is about to follow it. */
const ready = () => void import("../post/PartyDetail");

/** A post on the board. The whole card is one link, named by the title. `joined`: one is known to be in its room. */
export function PartyCard({ post, mine, joined }: { post: Post; mine: boolean; joined: boolean }) {
  return (
    <Frame
      picture={<CategoryIcon category={post.category} dim={post.complete} />}
      about={
        <>
          {categoryName(post.category)} · <TimeAgo at={post.created_at} />
        </>
      }
      badge={
        <span className={css.badges}>
          {joined && !mine && <span className={css.joined}>{words.joined}</span>}
          <StateBadge done={post.complete} />
        </span>
      }
      title={
        <Link to={`/posts/${post.id}`} className={css.link} onPointerEnter={ready} onFocus={ready}>
          {post.title}
        </Link>
      }
      content={post.content}
      seats={<Seats taken={post.join_number} of={post.target_number} done={post.complete} />}
      writer={<span className={cx(mine && css.mine)}>{mine ? words.mine : post.writer.username}</span>}
    />
  );
}

/** Takes exactly the place of a card. */
export function PartyCardSkeleton() {
  return (
    <Frame
      picture={<Skeleton shape="circle" className={css.round} />}
      about={<Skeleton className={css.short} />}
      title={<Skeleton className={css.long} />}
      content={<><Skeleton className={css.row} /><Skeleton className={css.row} /></>}
      seats={<Skeleton className={css.short} />}
    />
  );
}

function Frame({ picture, about, badge, title, content, seats, writer }: Record<"picture" | "about" | "title" | "content" | "seats", ReactNode> & { badge?: ReactNode; writer?: ReactNode }) {
  return (
    <li className={css.card}>
      <div className={css.picture}>{picture}</div>
      <div className={css.about}>{about}</div>
      <div className={css.badge}>{badge}</div>
      <div className={css.text}>
        {badge ? <h3 className={css.title}>{title}</h3> : title}
        <div className={css.content}>{content}</div>
      </div>
      <div className={css.foot}>
        {seats}
        <div className={css.writer}>{writer}</div>
      </div>
    </li>
  );
}
