import { useQuery, useQueryClient } from "@tanstack/react-query";
import { MapPin } from "lucide-react";
import { Refused } from "../../../api/client";
import type { Post, PostDetail } from "../../../api/posts";
import { useSession } from "../../../api/session";
import { Avatar } from "../../../ui/Avatar";
import { Button } from "../../../ui/Button";
import { Card } from "../../../ui/Card";
import { CategoryIcon, categoryName } from "../../../ui/CategoryIcon";
import { FormError } from "../../../ui/Field";
import { Linked } from "../../../ui/Linked";
import { Heading, Page } from "../../../ui/Page";
import { Seats } from "../../../ui/Seats";
import { Loading, Skeleton } from "../../../ui/Skeleton";
import { Failed, Stale } from "../../../ui/Status";
import { TimeAgo } from "../../../ui/TimeAgo";
import { refusal } from "../../../words";
import { common } from "../../../words/ko";
import { party } from "../../../words/party";
import { detail as words } from "../../../words/post";
import { Gone } from "../Gone";
import { JoinBox } from "./JoinBox";
import css from "./PartyDetail.module.css";
import { cityOf } from "../../../api/address";
import { fromBoard, postQuery } from "../queries";
import { ShareButton } from "./ShareButton";
import { StateBadge } from "../StateBadge";
import { WriterMenu } from "./WriterMenu";

/** One post: what, who, how many seats, and the way in. */
export function PartyDetail({ id }: { id: number }) {
  const query = useQuery(postQuery(id));
  const cache = useQueryClient();
  const { user } = useSession();
  const { error, data } = query;

  // Also when it is deleted while somebody reads it.
  if (error instanceof Refused && error.status === 404) {
    return (
      <Page title={words.title} back="/board">
        <Gone />
      </Page>
    );
  }
  const post = data ?? fromBoard(cache, id);
  if (!post) {
    return (
      <Page title={words.title} heading={error ? undefined : false} back="/board" width="wide">
        {error ? <Failed error={error} onRetry={query.refetch} /> : <Waiting />}
      </Page>
    );
  }

  return (
    <Page
      title={post.title}
      heading={false}
      back="/board"
      width="wide"
      actions={
        <>
          {!data?.is_hidden && <ShareButton post={data} />}
          {data && data.writer.id === user?.id && <WriterMenu post={data} />}
        </>
      }
    >
      {data && query.isRefetchError && <Stale why={refusal(error)} at={query.dataUpdatedAt} onRetry={query.refetch} />}
      <article className={css.post}>
        <header className={css.head}>
          <div className={css.kind}>
            <CategoryIcon category={post.category} tile dim={post.complete} />
            <span className={css.category}>{categoryName(post.category)}</span>
            <StateBadge done={post.complete} />
          </div>
          <Heading title={post.title} className={css.title} />
          <Writer post={post} />
        </header>

        <aside className={css.side} aria-label={words.seats}>
          <div className={css.seats}>
            <h2 className={css.label}>{words.seats}</h2>
            <Seats taken={post.join_number} of={post.target_number} size="l" done={post.complete} />
            <p className={css.left}>{remaining(post, post.writer.id === user?.id)}</p>
          </div>
          <div className={css.bar}>
            {data ? (
              <JoinBox post={data} />
            ) : error ? (
              <div className={css.failed}>
                <FormError>{refusal(error)}</FormError>
                <Button variant="soft" size="l" wide onClick={() => void query.refetch()}>
                  {common.retry}
                </Button>
              </div>
            ) : (
              <Loading>
                <Skeleton className={css.button} />
              </Loading>
            )}
          </div>
        </aside>

        <div className={css.body}>
          {data?.is_hidden && (
            <Card inset className={css.far}>
              <p className={css.farTitle}>{words.hiddenTitle}</p>
              <p>{words.hiddenText}</p>
            </Card>
          )}
          {/* Within one city the dong may be one's own by another name, which only the server knows. */}
          {user && data && !data.is_joined && data.writer.id !== user.id && cityOf(user.address) !== cityOf(post.address) && (
            <Card inset className={css.far}>
              <p className={css.farTitle}>{words.farTitle}</p>
              <p>{words.farText(post.address)}</p>
            </Card>
          )}
          <div className={css.content}>
            <Linked text={post.content} />
          </div>
        </div>
      </article>
    </Page>
  );
}

function Writer({ post }: { post: Post | PostDetail }) {
  return (
    <div className={css.writer}>
      <Avatar id={post.writer.id} name={post.writer.username} />
      <div>
        <p className={css.name}>{post.writer.username}</p>
        <p className={css.where}>
          <TimeAgo at={post.created_at} />
          <span className={css.address}>
            <MapPin size={14} aria-hidden="true" />
            {post.address}
          </span>
        </p>
      </div>
    </div>
  );
}

function remaining({ complete, closed_by_writer, room_deleted, join_number, target_number }: Post, mine: boolean): string {
  if (room_deleted) return words.ended;
  if (closed_by_writer) return mine ? words.closedByMe : words.closed;
  return complete ? words.full : party.remaining(target_number - join_number);
}

function Waiting() {
  return (
    <Loading className={css.waiting}>
      <Skeleton shape="tile" />
      <Skeleton shape="title" />
      <Skeleton shape="line" />
      <Skeleton shape="block" />
      <Skeleton shape="block" />
    </Loading>
  );
}
