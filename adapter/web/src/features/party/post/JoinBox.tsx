import { MessageCircle } from "lucide-react";
import { useEffect } from "react";
import { useNavigate } from "react-router";
import { Refused } from "../../../api/client";
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

  if (post.is_joined) {
    return (
      <div className={css.box}>
        <ButtonLink to={room} size="l" wide icon={<MessageCircle size={20} aria-hidden="true" />}>
          {words.enter}
        </ButtonLink>
      </div>
    );
  }
  if (code === "banned") return <Ended title={words.banned} text={words.bannedText} loud />;
  if (code === "room_deleted") return <Ended title={words.roomGone} text={words.roomGoneText} loud />;
  if (post.complete) {
    const full = post.join_number >= post.target_number;
    return (
      <Ended
        title={words.ended}
        text={full ? `${words.full}. ${words.endedFull}` : `${words.closed}. ${words.endedClosed}`}
        loud={code === "recruitment_closed"}
      />
    );
  }
  return (
    <div className={css.box}>
      {/* The server says which it was: full, or closed. */}
      <FormError>{join.error && (code === "recruitment_closed" ? join.error.message : refusal(join.error))}</FormError>
      <Button size="l" wide loading={join.isPending} onClick={() => join.mutate(undefined, { onSuccess: () => void navigate(room) })}>
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
