// How the lines appear on the screen: days, groups, and the unread divider.

import { talk as words } from "../../words/talk";
import type { Message, Outgoing } from "./talk";

/** `seq` is that of the line that a row shows or announces. */
export type Row = { key: string; seq: number } & (
  | { type: "day"; at: string }
  | { type: "unread" }
  | { type: "notice"; text: string }
  | Said
  | { type: "outgoing"; message: Outgoing; first: boolean }
);

/** The `first` of a group shows the speaker, the `last` the time. */
type Said = { type: "said"; line: Message; mine: boolean; first: boolean; last: boolean };

type Group = { who: number; minute: number; row: Said | null };

const none: Group = { who: 0, minute: 0, row: null };

const minuteOf = (at: number) => Math.floor(at / 60_000);

function dayOf(at: number): number {
  const date = new Date(at);
  return (date.getFullYear() * 12 + date.getMonth()) * 31 + date.getDate();
}

/** The sentences about who came and went are promised, so that the name can be taken out of them. */
const moved = /^(.+) 님(?:이 (?:입장|퇴장)했습니다|을 내보냈습니다)\.$/;

/**
 * The text of a notice: the app's own if it knows the kind, else the server's. "" if neither
 * does; null for a message of a person.
 */
function noticeOf({ type, user, message, post, departed }: Message, me: number): string | null {
  if (type === "chat.message" && user) return null;
  const name = moved.exec(message)?.[1];
  if (type === "chat.user.join" && name) return words.joined(name);
  if (type === "chat.user.leave" && name) return departed?.kicked ? words.kicked(name) : words.departed(name);
  if (type !== "chat.post" || !post) return message;
  switch (post.event) {
    case "edited":
      return words.post.edited;
    case "resized":
      return words.post.resized(post.target_number);
    case "closed":
      return words.post.closed;
    case "reopened":
      return words.post.reopened;
    case "succeeded":
      return post.writer_id === me ? words.post.mine : message;
  }
  return message;
}

/** Seq of the line below the unread divider, if there is one. Mine count as read. */
export function firstUnread(lines: Message[], readTo: number | null, me: number): number | null {
  if (readTo === null || lines.length === 0 || lines[0]!.seq > readTo + 1) return null;
  return lines.find((line) => line.seq > readTo && line.user?.id !== me && noticeOf(line, me) !== "")?.seq ?? null;
}

export function rowsOf(lines: Message[], outgoing: Outgoing[], me: number, readTo: number | null): Row[] {
  const rows: Row[] = [];
  const unread = firstUnread(lines, readTo, me);
  let day = 0;
  let group = none; // that the next line may belong to
  for (const line of lines) {
    const { seq } = line;
    const notice = noticeOf(line, me);
    if (notice === "") continue;
    const at = Date.parse(line.created_at);
    if (dayOf(at) !== day) {
      day = dayOf(at);
      group = none;
      rows.push({ type: "day", key: `d${seq}`, seq, at: line.created_at });
    }
    if (seq === unread) {
      group = none;
      rows.push({ type: "unread", key: "unread", seq });
    }
    if (notice !== null) {
      group = none;
      rows.push({ type: "notice", key: `s${seq}`, seq, text: notice });
      continue;
    }
    const minute = minuteOf(at);
    const who = line.user?.id ?? 0;
    const first = group.who !== who || group.minute !== minute;
    if (!first && group.row) group.row.last = false;
    const row: Said = { type: "said", line, mine: who === me, first, last: true };
    rows.push(Object.assign(row, { key: `s${seq}`, seq }));
    group = { who, minute, row };
  }
  for (const message of outgoing) {
    if (dayOf(message.at) > day) {
      day = dayOf(message.at);
      group = none;
      rows.push({ type: "day", key: `d${message.clientId}`, seq: Infinity, at: new Date(message.at).toISOString() });
    }
    rows.push({ type: "outgoing", key: `c${message.clientId}`, seq: Infinity, message, first: group.who !== me });
    group = { ...none, who: me };
  }
  return rows;
}

export type Block = { key: string; live: boolean; rows: Row[] };

const blockSize = 40;

/** Splits the rows by seq, so that new rows at either end leave the other blocks as they are. `live` are those after `since`. */
export function blocksOf(rows: Row[], since: number): Block[] {
  const blocks: Block[] = [];
  for (const row of rows) {
    const live = row.seq > since;
    const key = `${live ? "live" : "past"}${Math.floor(row.seq / blockSize)}`;
    const last = blocks.at(-1);
    if (last?.key === key) last.rows.push(row);
    else blocks.push({ key, live, rows: [row] });
  }
  return blocks;
}

export function sameRows(a: Row[], b: Row[]): boolean {
  return a.length === b.length && a.every((row, i) => sameRow(row, b[i]!));
}

function sameRow(a: Row, b: Row): boolean {
  if (a.key !== b.key) return false;
  if (a.type === "said" && b.type === "said") return a.line === b.line && a.first === b.first && a.last === b.last;
  if (a.type === "outgoing" && b.type === "outgoing") return a.message === b.message && a.first === b.first;
  return a.type === b.type;
}

const dayFormat = new Intl.DateTimeFormat("ko-KR", { year: "numeric", month: "long", day: "numeric", weekday: "long" });

export const dayWords = (at: string) => dayFormat.format(new Date(at));

export function timeWords(at: string): string {
  const date = new Date(at);
  return words.time(date.getHours(), date.getMinutes());
}
