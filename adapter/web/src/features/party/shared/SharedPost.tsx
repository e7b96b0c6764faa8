import { useQuery } from "@tanstack/react-query";
import { MapPin } from "lucide-react";
import { Navigate } from "react-router";
import { Refused } from "../../../api/client";
import { useSession } from "../../../api/session";
import { writeArrival } from "../../../api/storage";
import { ButtonLink } from "../../../ui/Button";
import { CategoryIcon, categoryName } from "../../../ui/CategoryIcon";
import { Heading } from "../../../ui/Page";
import { Seats } from "../../../ui/Seats";
import { Loading, Skeleton } from "../../../ui/Skeleton";
import { Failed } from "../../../ui/Status";
import { TimeAgo } from "../../../ui/TimeAgo";
import { party } from "../../../words/party";
import { shared as words } from "../../../words/post";
import { sharedQuery } from "../queries";
import { StateBadge } from "../StateBadge";
import css from "./SharedPost.module.css";

/** A post for anybody who has its link. It names nobody; who is signed in sees the post itself. */
export function SharedPost({ code }: { code: string }) {
  const { data: post, error, refetch } = useQuery(sharedQuery(code));
  const { user } = useSession();
  if (error instanceof Refused && error.status === 404) {
    return (
      <section className={css.post}>
        <Heading title={words.gone} className={css.title} />
        <p>{words.goneText}</p>
        <ButtonLink to={user ? "/board" : "/"} wide>
          {user ? words.toBoard : words.toLanding}
        </ButtonLink>
      </section>
    );
  }
  if (error && !post) return <Failed error={error} onRetry={refetch} />;
  if (!post) {
    return (
      <Loading className={css.post}>
        <Skeleton shape="tile" />
        <Skeleton shape="title" />
        <Skeleton shape="block" />
      </Loading>
    );
  }
  const path = `/posts/${post.id}`;
  if (user) return <Navigate to={path} replace />;
  const next = `?next=${encodeURIComponent(path)}`;
  return (
    <article className={css.post}>
      <p className={css.invited}>{words.invited}</p>
      <div className={css.kind}>
        <CategoryIcon category={post.category} tile dim={post.complete} />
        <span className={css.category}>{categoryName(post.category)}</span>
        <StateBadge done={post.complete} />
      </div>
      <Heading title={post.title} className={css.title} />
      <p className={css.where}>
        <TimeAgo at={post.created_at} />
        <span className={css.address}>
          <MapPin size={14} aria-hidden="true" />
          {post.address}
        </span>
      </p>
      <section className={css.seats} aria-label={words.seats}>
        <Seats taken={post.join_number} of={post.target_number} size="l" done={post.complete} />
        <p className={css.left}>{post.complete ? words.closed : party.remaining(post.target_number - post.join_number)}</p>
      </section>
      <ButtonLink to={`/register${next}`} size="l" wide onClick={() => writeArrival(post.address)}>
        {post.complete ? words.start : words.join}
      </ButtonLink>
      <ButtonLink to={`/signin${next}`} variant="plain" wide>
        {words.member}
      </ButtonLink>
    </article>
  );
}
