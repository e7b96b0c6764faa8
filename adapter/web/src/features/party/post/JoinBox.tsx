import { MessageCircle } from "lucide-react";
import { useEffect, useRef } from "react";
import { useNavigate } from "react-router";
import { Refused } from "../../../api/client";
import { newId } from "../../../api/newId";
import type { PostDetail } from "../../../api/posts";
import { Button, ButtonLink } from "../../../ui/Button";
import { cx } from "../../../ui/cx";
import { FormError } from "../../../ui/Field";
import { refusal } from "../../../words";
import { detail as words } from "../../../words/post";
import css from "./JoinBox.module.css";
import { useJoin } from "../queries";

/** The one thing to do with a post: take a seat, enter the room, or read why neither is possible. */
export function JoinBox({ post }: { post: PostDetail }) {
  const join = useJoin(post.id);
  const navigate = useNavigate();
  const code = join.error instanceof Refused ? join.error.code : null;
  const room = `/rooms/${post.chat_id}`;

  // A seat became free again: what was refused is not true any more.
  const { reset } = join;
  useEffect(() => {
    if (!post.complete) reset();
  }, [post.complete, reset]);

  // One wish to join has one key, until it is granted.
  const key = useRef("");
  const sending = useRef(false);
  useEffect(() => {
    if (post.is_joined) key.current = "";
  }, [post.is_joined]);

  function sit() {
    if (sending.current) return;
    sending.current = true;
    key.current ||= newId();
    join.mutate(key.current, {
      onSuccess: () => void navigate(room),
      onSettled: () => {
        sending.current = false;
      },
    });
  }

  if (post.room_deleted || code === "room_deleted") return <Ended title={words.roomGone} text={words.roomGoneText} loud={code === "room_deleted"} />;
  if (post.is_joined) {
    return (
      <div className={css.box}>
        <ButtonLink to={room} size="l" wide icon={<MessageCircle size={20} aria-hidden="true" />}>
          {words.enter}
        </ButtonLink>
      </div>
    );
  }
  if (post.is_banned || code === "banned") return <Ended title={words.banned} text={words.bannedText} loud={code === "banned"} />;
  if (post.complete) {
    const text = post.closed_by_writer ? `${words.closed}. ${words.endedClosed}` : `${words.full}. ${words.endedFull}`;
    return <Ended title={words.ended} text={text} loud={code === "recruitment_closed"} />;
  }
  return (
    <div className={css.box}>
      {/* The server says which it was: full, or closed. */}
      <FormError>{join.error && (code === "recruitment_closed" ? join.error.message : refusal(join.error))}</FormError>
      <Button size="l" wide loading={join.isPending} onClick={sit}>
        {words.join}
      </Button>
    </div>
  );
}

/** Why nobody can join. `loud`: one has just tried. */
function Ended({ title, text, loud }: { title: string; text: string; loud: boolean }) {
  return (
    <div className={cx(css.box, css.ended)}>
      <div role={loud ? "alert" : undefined}>
        <p className={css.title}>{title}</p>
        <p className={css.text}>{text}</p>
      </div>
      <ButtonLink to="/board" variant="soft" wide>
        {words.others}
      </ButtonLink>
    </div>
  );
}
