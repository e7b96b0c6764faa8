import { ArrowDown, RotateCw } from "lucide-react";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { readSeen, writeSeen } from "../../api/storage";
import { cx } from "../../ui/cx";
import { talk as words } from "../../words/talk";
import type { Conversation, View } from "./conversation";
import { Rows } from "./Line";
import css from "./Lines.module.css";
import { longAgo } from "./queries";
import { atBottom, firstBelow, keepPlace, nearTop } from "./place";
import { blocksOf, firstUnread, rowsOf } from "./rows";
import type { Talk } from "./talk";

type Props = {
  id: number;
  talk: Talk;
  older: View["older"];
  conversation: Conversation;
  /** When the room was last fetched, and the seq of its newest line then. */
  fetched: { at: number; seq: number };
  /** Fetches the room anew. */
  onReturn: () => void;
};

/** The lines. Stays at the newest one while scrolled to the bottom, and in place otherwise. */
export function Lines({ id, talk, older, conversation, fetched, onReturn }: Props) {
  const { lines, outgoing, me, head } = talk;
  const { list, note, keep } = usePlace();
  const [since] = useState(head); // what comes later is announced
  const [divider, setDivider] = useState(() => movedBy(lines, readSeen(me, id), me));
  const seen = useRef(divider ?? head);
  // Up to which line the talk was there when one came to it; null until that is fetched.
  const [came, setCame] = useState<{ at: number; seq: number | null }>({ at: longAgo, seq: null });
  if (came.seq === null && fetched.at > came.at) setCame({ ...came, seq: fetched.seq });
  const [known, setKnown] = useState(head);
  /** The newest line that was seen before scrolling up; null at the bottom. */
  const [left, setLeft] = useState<number | null>(null);

  // One's own line moves the mark. So does what comes before one's eyes: the divider is for what one missed.
  if (known !== head) {
    setKnown(head);
    const moved = movedBy(lines, known, me);
    const unread = firstUnread(lines, divider, me);
    const reads = left === null && document.visibilityState === "visible";
    if (moved !== known) setDivider(moved);
    else if (reads && came.seq !== null && unread !== null && unread > Math.max(came.seq, known)) setDivider(head);
  }

  const rows = useMemo(() => rowsOf(lines, outgoing, me, divider), [lines, outgoing, me, divider]);
  const blocks = useMemo(() => blocksOf(rows, since), [rows, since]);
  const news = left === null ? 0 : newsAfter(lines, left, me);

  const onScroll = useCallback(() => {
    const box = list.current;
    if (!box) return;
    note();
    setLeft((before) => (atBottom(box.scrollTop) ? null : (before ?? seen.current)));
    if (nearTop(box)) void conversation.older();
  }, [conversation, list, note]);

  // Starts at the first unread line if the unread ones are more than a screen.
  useLayoutEffect(() => {
    const box = list.current;
    const mark = box?.querySelector("[data-unread]");
    if (!box || !mark) return;
    const above = box.getBoundingClientRect().top - mark.getBoundingClientRect().top;
    if (above > 0) box.scrollTo({ top: box.scrollTop - above - box.clientHeight / 5, behavior: "instant" });
  }, [list]);

  useLayoutEffect(() => {
    keep();
    const box = list.current;
    if (box && older !== "failed" && nearTop(box)) void conversation.older();
  }, [rows, older, keep, list, conversation]);

  const toBottom = useCallback((smooth: boolean) => {
    const box = list.current;
    if (!box) return;
    const far = -box.scrollTop > 3 * box.clientHeight;
    box.scrollTo({ top: 0, behavior: smooth && !far && !matchMedia("(prefers-reduced-motion: reduce)").matches ? "smooth" : "instant" });
  }, [list]);

  // A message of one's own scrolls to the bottom and ends the unread divider.
  const newest = outgoing.at(-1)?.clientId;
  const scrolledTo = useRef(newest);
  useLayoutEffect(() => {
    if (newest === undefined || newest === scrolledTo.current) return;
    scrolledTo.current = newest;
    toBottom(false);
  }, [newest, toBottom]);
  const [lastSent, setLastSent] = useState(newest);
  if (newest !== lastSent) {
    setLastSent(newest);
    if (newest !== undefined) setDivider(null);
  }

  // At the bottom of a visible page everything is read.
  const down = left === null;
  useEffect(() => {
    const atEnd = () => down && list.current !== null && atBottom(list.current.scrollTop);
    const markRead = () => {
      if (document.visibilityState !== "visible" || !atEnd()) return;
      seen.current = head;
      writeSeen(me, id, head);
    };
    const onVisibility = () => {
      markRead();
      // What arrives while the page is hidden will be below the divider.
      if (document.visibilityState === "hidden" && atEnd()) setDivider(head);
      setCame({ at: Date.now(), seq: null });
      if (document.visibilityState === "visible") onReturn();
    };
    markRead();
    document.addEventListener("visibilitychange", onVisibility);
    return () => document.removeEventListener("visibilitychange", onVisibility);
  }, [down, head, id, list, me, onReturn]);

  return (
    <div className={css.place}>
      <div ref={list} className={css.list} onScroll={onScroll} role="log" aria-label={words.log} tabIndex={0}>
        <div className={css.content}>
          {talk.more && (
            <div className={css.older}>
              {older === "failed" ? (
                <button type="button" className={css.retry} onClick={() => void conversation.older()}>
                  <RotateCw size={16} aria-hidden="true" />
                  {words.olderFailed}
                </button>
              ) : (
                <span className={css.dots} role="img" aria-label={words.older}>
                  <i />
                  <i />
                  <i />
                </span>
              )}
            </div>
          )}
          {rows.length === 0 && <p className={css.empty}>{words.empty}</p>}
          <div aria-live="off">{blocks.map((block) => !block.live && <Rows key={block.key} rows={block.rows} conversation={conversation} />)}</div>
          <div>{blocks.map((block) => block.live && <Rows key={block.key} rows={block.rows} conversation={conversation} />)}</div>
        </div>
      </div>
      {!down && (
        <button type="button" className={cx(css.jump, news > 0 && css.news)} aria-label={news > 0 ? undefined : words.newest} onClick={() => toBottom(true)}>
          {news > 0 && words.news(news)}
          <ArrowDown size={20} aria-hidden="true" />
        </button>
      )}
    </div>
  );
}

/** The mark once what one has said since is read, too. */
function movedBy(lines: Talk["lines"], mark: number | null, me: number): number | null {
  if (mark === null) return null;
  for (let i = lines.length - 1; i >= 0 && lines[i]!.seq > mark; i -= 1) if (lines[i]!.user?.id === me) return lines[i]!.seq;
  return mark;
}

function newsAfter(lines: Talk["lines"], seq: number, me: number): number {
  let n = 0;
  for (let i = lines.length - 1; i >= 0 && lines[i]!.seq > seq; i -= 1) if (lines[i]!.user && lines[i]!.user?.id !== me) n += 1;
  return n;
}

/** Keeps the row at the top of the list in place, by its distance from the bottom. */
function usePlace() {
  const list = useRef<HTMLDivElement>(null);
  const anchor = useRef<{ row: Element; distance: number } | null>(null);

  const note = useCallback(() => {
    const box = list.current;
    anchor.current = null;
    if (!box || atBottom(box.scrollTop)) return;
    const edge = box.getBoundingClientRect().top;
    const among = (all: ArrayLike<Element>) => all[firstBelow(all.length, (n) => all[n]!.getBoundingClientRect().bottom, edge)];
    const block = among(box.querySelectorAll("[data-rows]"));
    const row = block && among(block.children);
    if (row) anchor.current = { row, distance: distance(box, row) };
  }, []);

  const keep = useCallback(() => {
    const box = list.current;
    const kept = anchor.current;
    if (!box || !kept) return;
    if (!kept.row.isConnected) return note();
    const now = distance(box, kept.row);
    if (now === kept.distance) return;
    box.scrollTop = keepPlace(box.scrollTop, kept.distance, now);
    anchor.current = { row: kept.row, distance: now };
  }, [note]);

  return { list, note, keep };
}

function distance(box: Element, row: Element): number {
  return box.firstElementChild!.getBoundingClientRect().bottom - row.getBoundingClientRect().top;
}
