import { useQuery } from "@tanstack/react-query";
import { LogOut, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Schemas } from "../../api/client";
import { Avatar } from "../../ui/Avatar";
import { Button } from "../../ui/Button";
import { Confirm, Sheet } from "../../ui/Dialog";
import { Loading, Skeleton } from "../../ui/Skeleton";
import { Failed } from "../../ui/Status";
import { useOverlay, type Overlay } from "../../ui/useOverlay";
import { talk as words } from "../../words/talk";
import css from "./Members.module.css";
import { membersQuery, useKick } from "./queries";

type Props = {
  id: number;
  me: number;
  writer: number;
  overlay: Overlay;
  onLeave: () => Promise<unknown>;
  onDelete: () => Promise<unknown>;
  /** Called after leaving or deleting, with what to say. */
  onGone: (said: string) => void;
};

/** Who is in the room, and the way out of it. */
export function Members({ id, me, writer, overlay, onLeave, onDelete, onGone }: Props) {
  const [kicking, setKicking] = useState<Schemas["Member"] | null>(null);
  const askingKick = useOverlay();
  const askingLeave = useOverlay();
  const askingDelete = useOverlay();
  const kick = useKick(id);
  const leads = me === writer;

  return (
    <>
      <Sheet overlay={overlay} title={words.membersTitle}>
        <People
          id={id}
          me={me}
          onKick={
            leads
              ? (who) => {
                  setKicking(who);
                  askingKick.show();
                }
              : undefined
          }
        />
        <div className={css.out}>
          {leads ? (
            <Button variant="danger-soft" wide icon={<Trash2 size={18} aria-hidden="true" />} onClick={askingDelete.show}>
              {words.delete}
            </Button>
          ) : (
            <Button variant="soft" wide icon={<LogOut size={18} aria-hidden="true" />} onClick={askingLeave.show}>
              {words.leave}
            </Button>
          )}
        </div>
      </Sheet>
      <Confirm
        overlay={askingKick}
        title={words.kickTitle(kicking?.username ?? "")}
        confirm={words.kick}
        danger
        onConfirm={async () => {
          if (kicking) await kick.mutateAsync(kicking.id); // the talk itself tells of it
        }}
      >
        {words.kickText}
      </Confirm>
      <Confirm overlay={askingLeave} title={words.leaveTitle} confirm={words.leaveDo} danger onConfirm={onLeave} onDone={() => onGone(words.left)}>
        {words.leaveText}
      </Confirm>
      <Confirm overlay={askingDelete} title={words.deleteTitle} confirm={words.deleteDo} danger onConfirm={onDelete} onDone={() => onGone(words.deleted)}>
        {words.deleteText}
      </Confirm>
    </>
  );
}

function People({ id, me, onKick }: { id: number; me: number; onKick: ((who: Schemas["Member"]) => void) | undefined }) {
  const { data, error, refetch } = useQuery(membersQuery(id));
  if (data) {
    return (
      <ul className={css.people}>
        {data.map((person) => (
          <li key={person.id} className={css.person}>
            <Avatar id={person.id} name={person.username} />
            <span className={css.name}>{person.username}</span>
            {person.id === me && <span className={css.badge}>{words.me}</span>}
            {person.is_writer && <span className={`${css.badge} ${css.writer}`}>{words.writer}</span>}
            {onKick && person.id !== me && (
              <Button variant="soft" size="s" className={css.kick} aria-label={words.kickName(person.username)} onClick={() => onKick(person)}>
                {words.kick}
              </Button>
            )}
          </li>
        ))}
      </ul>
    );
  }
  if (error) return <Failed error={error} onRetry={() => void refetch()} />;
  return (
    <Loading className={css.people}>
      {[1, 2, 3].map((n) => (
        <div key={n} className={css.person}>
          <Skeleton shape="circle" />
          <Skeleton className={css.bone} />
        </div>
      ))}
    </Loading>
  );
}
