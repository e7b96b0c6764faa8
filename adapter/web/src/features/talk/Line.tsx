import { Clock3, RotateCw, Trash2 } from "lucide-react";
import { memo } from "react";
import { Avatar } from "../../ui/Avatar";
import { cx } from "../../ui/cx";
import { Linked } from "../../ui/Linked";
import { talk as words } from "../../words/talk";
import type { Conversation } from "./conversation";
import css from "./Line.module.css";
import { dayWords, sameRows, timeWords, type Row } from "./rows";
import type { Message, Outgoing } from "./talk";
import { onlyEmoji } from "./text";

/** Consecutive rows. Rendered again only if one of them has changed. */
export const Rows = memo(
  function Rows({ rows, conversation }: { rows: Row[]; conversation: Conversation }) {
    return (
      <div data-rows="">
        {rows.map((row) => (
          <Line key={row.key} row={row} conversation={conversation} />
        ))}
      </div>
    );
  },
  (before, after) => before.conversation === after.conversation && sameRows(before.rows, after.rows),
);

function Line({ row, conversation }: { row: Row; conversation: Conversation }) {
  switch (row.type) {
    case "day":
      return <Day at={row.at} />;
    case "unread":
      return <Unread />;
    case "notice":
      return <Notice text={row.text} />;
    case "said":
      return <Said line={row.line} mine={row.mine} first={row.first} last={row.last} />;
    case "outgoing":
      return <Pending message={row.message} first={row.first} conversation={conversation} />;
  }
}

const Day = memo(function Day({ at }: { at: string }) {
  return (
    <div className={css.day}>
      <time dateTime={at}>{dayWords(at)}</time>
    </div>
  );
});

const Unread = memo(function Unread() {
  return (
    <div className={css.unread} data-unread="">
      {words.unread}
    </div>
  );
});

const Notice = memo(function Notice({ text }: { text: string }) {
  return (
    <div className={css.notice}>
      <span>{text}</span>
    </div>
  );
});

const Said = memo(function Said({ line, mine, first, last }: { line: Message; mine: boolean; first: boolean; last: boolean }) {
  const name = mine ? words.me : (line.user?.username ?? "");
  return (
    <div className={cx(css.line, mine ? css.mine : css.other, first && css.first)} aria-live={mine ? "off" : undefined}>
      {!mine && <span className={css.face}>{first && <Avatar id={line.user?.id ?? 0} name={name} />}</span>}
      <div className={css.said}>
        <span className={cx(css.name, (mine || !first) && "sr-only")}>{name}</span>
        <div className={css.beside}>
          <Bubble text={line.message} />
          {last && (
            <time className={css.time} dateTime={line.created_at}>
              {timeWords(line.created_at)}
            </time>
          )}
        </div>
      </div>
    </div>
  );
});

const Pending = memo(function Pending({ message, first, conversation }: { message: Outgoing; first: boolean; conversation: Conversation }) {
  const { clientId, failed } = message;
  return (
    <div className={cx(css.line, css.mine, first && css.first)} aria-live={failed ? undefined : "off"}>
      <div className={css.said}>
        <span className="sr-only">{words.me}</span>
        <div className={css.beside}>
          <Bubble text={message.text} faded={failed !== null} />
          {!failed && (
            <span className={css.time} role="img" aria-label={words.sending}>
              <Clock3 size={14} aria-hidden="true" />
            </span>
          )}
        </div>
        {failed && (
          <div className={css.failed}>
            <span className={css.why}>{failed.detail || words.failed}</span>
            <button type="button" className={css.act} onClick={() => conversation.retry(clientId)}>
              <RotateCw size={16} aria-hidden="true" />
              {words.again}
            </button>
            <button type="button" className={css.act} onClick={() => conversation.discard(clientId)}>
              <Trash2 size={16} aria-hidden="true" />
              {words.forget}
            </button>
          </div>
        )}
      </div>
    </div>
  );
});

/** A message is shown as text and links, never as markup. */
function Bubble({ text, faded }: { text: string; faded?: boolean }) {
  if (onlyEmoji(text)) return <p className={cx(css.big, faded && css.faded)}>{text}</p>;
  return (
    <p className={cx(css.bubble, faded && css.faded)}>
      <Linked text={text} />
    </p>
  );
}
