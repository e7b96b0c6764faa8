import { useQuery, useQueryClient } from "@tanstack/react-query";
import { DoorOpen, LogIn, MessagesSquare, Users } from "lucide-react";
import type { ReactNode } from "react";
import { Link, useNavigate } from "react-router";
import { Refused, type Schemas } from "../../api/client";
import { postQuery } from "../../api/posts";
import type { AwayReason } from "../../api/socket";
import { signInPath, useSession } from "../../api/session";
import { Button, ButtonLink } from "../../ui/Button";
import { IconButton } from "../../ui/IconButton";
import { Page } from "../../ui/Page";
import { Empty, Failed } from "../../ui/Status";
import { toast } from "../../ui/toast";
import { useOverlay } from "../../ui/useOverlay";
import { seats } from "../../words/ko";
import { talk as words } from "../../words/talk";
import { Composer } from "./Composer";
import { ConnectionBar } from "./ConnectionBar";
import { Lines } from "./Lines";
import { Members } from "./Members";
import { roomQuery, useDelete, useForget, useLeave, useOutside } from "./queries";
import css from "./Talk.module.css";
import { TalkSkeleton } from "./TalkSkeleton";
import { useRoomHeight } from "./useRoomHeight";
import { useTalk } from "./useTalk";

/** The chat room of a post. */
export function Talk({ id }: { id: number }) {
  const { user } = useSession();
  const { data, dataUpdatedAt, error, refetch } = useQuery(roomQuery(id));
  const cache = useQueryClient();
  if (!user) return null;
  const refused = error instanceof Refused ? error.status : 0;
  if (refused === 403) return <Gone id={id} why={data ? "dismissed" : "stranger"} />;
  if (refused === 404) return <Gone id={id} why={data ? "deleted" : "missing"} />;
  if (refused === 410) return <Gone id={id} why="deleted" />;
  if (data) return <Room id={id} me={user.id} room={data} fetchedAt={dataUpdatedAt} onReturn={refetch} />;
  return (
    // What is known of it already stands there meanwhile.
    <Frame id={id} title={cache.getQueryData(postQuery(id).queryKey)?.title ?? words.title}>
      {error ? <Failed error={error} onRetry={() => void refetch()} /> : <TalkSkeleton />}
    </Frame>
  );
}

function Room({ id, me, room, fetchedAt, onReturn }: { id: number; me: number; room: Schemas["Room"]; fetchedAt: number; onReturn: () => unknown }) {
  const { talk, connection, older, conversation } = useTalk(id, me, room);
  const members = useOverlay();
  const navigate = useNavigate();
  const forget = useForget(id);
  const leave = useLeave(id);
  const remove = useDelete(id);
  const { taken, of } = talk.seats;

  function depart(said: string) {
    forget();
    toast(said);
    void navigate(`/posts/${id}`, { replace: true });
  }

  const going = leave.isPending || leave.isSuccess || remove.isPending || remove.isSuccess;
  if (connection.state === "away" && !going) return <Gone id={id} why={connection.why} onReturn={conversation.reconnect} />;

  return (
    <Frame
      id={id}
      title={talk.title}
      heading={
        <span className={css.head}>
          <Link to={`/posts/${id}`} className={css.title} title={words.openPost(talk.title)}>
            {talk.title}
          </Link>
          <span className={css.seats}>
            <span className="sr-only">{seats.label(taken, of)}</span>
            <span aria-hidden="true">{seats.short(taken, of)}</span>
          </span>
        </span>
      }
      actions={<IconButton label={words.members(taken)} icon={<Users size={22} aria-hidden="true" />} onClick={members.show} />}
    >
      <ConnectionBar connection={connection} onRetry={conversation.reconnect} />
      <Lines id={id} talk={talk} older={older} conversation={conversation} fetched={{ at: fetchedAt, seq: room.last_seq }} onReturn={onReturn} />
      <Composer id={id} onSend={conversation.send} />
      <Members
        id={id}
        me={me}
        writer={talk.writer}
        overlay={members}
        onLeave={() => leave.mutateAsync()}
        onDelete={() => remove.mutateAsync()}
        onGone={depart}
      />
    </Frame>
  );
}

function Frame({ id, title, heading, actions, children }: { id: number; title: string; heading?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  const ref = useRoomHeight();
  return (
    <div ref={ref} className={css.frame}>
      <Page title={title} heading={heading} actions={actions} back={`/posts/${id}`} fill>
        <div className={css.room}>{children}</div>
      </Page>
    </div>
  );
}

type Why = AwayReason | "left" | "stranger" | "missing";

/** Why there is no talk to be seen here, once that is known: of who is no member the post tells whether they were sent out. */
function Gone({ id, why, onReturn }: { id: number; why: Why; onReturn?: () => void }) {
  useOutside(id);
  const outside = why === "dismissed" || why === "stranger";
  const { data, isFetchedAfterMount } = useQuery({ ...postQuery(id), enabled: outside });
  if (!outside) return <Explained id={id} why={why} onReturn={onReturn} />;
  // What was known before may be what has just changed.
  if (!isFetchedAfterMount) {
    return (
      <Page title={words.title} back="/board">
        <TalkSkeleton />
      </Page>
    );
  }
  if (data?.is_banned) return <Explained id={id} why="dismissed" />;
  return <Explained id={id} why={why === "dismissed" && data ? "left" : why} />;
}

/** Where to go from here. */
function Explained({ id, why, onReturn }: { id: number; why: Why; onReturn?: (() => void) | undefined }) {
  const { title, text } = words.gone[why];
  const toPost = (
    <ButtonLink to={`/posts/${id}`} replace variant={why === "stranger" ? "primary" : "plain"}>
      {words.toPost}
    </ButtonLink>
  );
  const toBoard = (
    <ButtonLink to="/board" replace>
      {words.toBoard}
    </ButtonLink>
  );
  return (
    <Page title={words.title} back={why === "stranger" ? `/posts/${id}` : "/board"}>
      <div role="alert">
        {why === "elsewhere" && <Empty icon={<MessagesSquare size={32} aria-hidden="true" />} title={title} action={<Button onClick={onReturn}>{words.here}</Button>}>{text}</Empty>}
        {why === "signed_out" && <Empty icon={<LogIn size={32} aria-hidden="true" />} title={title} action={<ButtonLink to={signInPath({ pathname: `/rooms/${id}` })}>{words.signIn}</ButtonLink>}>{text}</Empty>}
        {why !== "elsewhere" && why !== "signed_out" && (
          <Empty
            icon={<DoorOpen size={32} aria-hidden="true" />}
            title={title}
            action={
              <span className={css.ways}>
                {why !== "stranger" && toBoard}
                {why !== "missing" && toPost}
              </span>
            }
          >
            {text}
          </Empty>
        )}
      </div>
    </Page>
  );
}
