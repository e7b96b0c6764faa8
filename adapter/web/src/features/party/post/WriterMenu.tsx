import { CircleCheck, Pencil, RotateCcw, Trash2 } from "lucide-react";
import { useNavigate } from "react-router";
import type { PostDetail } from "../../../api/posts";
import { Confirm } from "../../../ui/Dialog";
import { Menu, type MenuItem } from "../../../ui/Menu";
import { toast } from "../../../ui/toast";
import { useOverlay } from "../../../ui/useOverlay";
import { refusal } from "../../../words";
import { detail as words } from "../../../words/post";
import { useClose, useRemove } from "../queries";

/** What the writer of a post can do with it. */
export function WriterMenu({ post }: { post: PostDetail }) {
  const navigate = useNavigate();
  const closing = useClose(post.id);
  const removing = useRemove(post.id);
  const asking = useOverlay();
  const full = post.join_number >= post.target_number;

  function close(now: boolean, again = false) {
    closing.mutate(now, {
      onSuccess: () =>
        toast(now ? (full ? words.closedFull : words.closedNow) : full ? words.openLater : words.openNow, again ? {} : { action: { label: words.undo, run: () => close(!now, true) } }),
      onError: (error) => toast(refusal(error), { tone: "bad" }),
    });
  }

  const items: MenuItem[] = [
    { label: words.edit, icon: <Pencil size={18} aria-hidden="true" />, onSelect: () => void navigate(`/posts/${post.id}/edit`, { state: { from: "post" } }) },
    // A full party can be closed, too: then a seat that becomes free lets nobody in. Without a room nobody can join.
    ...(post.room_deleted
      ? []
      : post.closed_by_writer
        ? [{ label: words.reopen, icon: <RotateCcw size={18} aria-hidden="true" />, onSelect: () => close(false) }]
        : [{ label: words.close, icon: <CircleCheck size={18} aria-hidden="true" />, onSelect: () => close(true) }]),
    { label: words.remove, icon: <Trash2 size={18} aria-hidden="true" />, danger: true, onSelect: () => asking.show() },
  ];

  return (
    <>
      <Menu label={words.menu} items={items} />
      <Confirm
        overlay={asking}
        title={words.removeTitle}
        confirm={words.removeConfirm}
        danger
        onConfirm={() => removing.mutateAsync()}
        onDone={() => {
          void navigate("/board", { replace: true });
          toast(words.removed);
        }}
      >
        <p>{words.removeText}</p>
        {post.join_number > 1 && <p>{words.removeMembers(post.join_number - 1)}</p>}
      </Confirm>
    </>
  );
}
