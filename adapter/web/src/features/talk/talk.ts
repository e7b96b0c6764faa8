// The state of a room's conversation, and how events change it. Lines are ordered by
// their seq, which has no gaps, and not by clocks.

import type { Schemas } from "../../api/client";

export type Message = Schemas["Message"];
type Room = Schemas["Room"];

/** A message of mine that the room has not acknowledged yet. */
export type Outgoing = {
  clientId: string;
  text: string;
  /** When it was sent, in milliseconds. */
  at: number;
  /** Why it was refused; null while it is being sent. */
  failed: { code: string; detail: string } | null;
};

export type Talk = {
  title: string;
  writer: number;
  /** Gapless, oldest first. */
  lines: Message[];
  /** Seq of the newest of them. */
  head: number;
  /** Arrived too early: there is a gap between `head` and these. */
  ahead: Message[];
  /** Whether there are older lines to fetch. */
  more: boolean;
  seats: { taken: number; of: number };
  /** Seq of the newest line when the room was fetched: title, writer and seats include everything up to it. */
  countedAt: number;
  /** Seq of the newest line that changed the post or its members. */
  changed: number;
  /** Shown after the lines, in the order they were sent. */
  outgoing: Outgoing[];
  me: number;
};

export type Event =
  /** A page of the newest lines was fetched again. */
  | { type: "newest"; room: Room }
  /** The page after the line `after` was fetched. */
  | { type: "after"; after: number; room: Room }
  /** The page before the first line was fetched. */
  | { type: "before"; room: Room }
  /** The server told to start over. */
  | { type: "reset"; room: Room }
  | { type: "received"; message: Message }
  | { type: "sent"; message: Outgoing }
  | { type: "refused"; clientId: string; code: string; detail: string }
  | { type: "retried"; clientId: string; as: string }
  | { type: "discarded"; clientId: string };

export function begin(room: Room, me: number, outgoing: Outgoing[] = []): Talk {
  return follow(
    settle({
      title: room.title,
      writer: room.writer.id,
      lines: room.messages,
      head: room.messages.at(-1)?.seq ?? room.last_seq,
      ahead: [],
      more: room.has_more,
      seats: { taken: room.join_number, of: room.target_number },
      countedAt: room.last_seq,
      changed: room.last_seq,
      outgoing,
      me,
    }),
    room.messages.filter((m) => m.seq > room.last_seq),
  );
}

export function reduce(talk: Talk, event: Event): Talk {
  switch (event.type) {
    case "newest": {
      const next = describe(talk, event.room);
      return event.room.messages.reduce(receive, next);
    }
    case "after": {
      if (event.after > talk.head) return talk;
      // The page has no gap after `after`, so its first line is next whatever its seq.
      const fresh = event.room.messages.filter((m) => m.seq > talk.head);
      return catchUp(append(describe(talk, event.room), fresh));
    }
    case "before": {
      const first = talk.lines[0]?.seq ?? Infinity;
      const older = event.room.messages.filter((m) => m.seq < first);
      return settle({ ...talk, lines: [...older, ...talk.lines], more: event.room.has_more });
    }
    case "reset":
      return begin(event.room, talk.me, talk.outgoing);
    case "received":
      return receive(talk, event.message);
    case "sent":
      return { ...talk, outgoing: [...talk.outgoing, event.message] };
    case "refused":
      return change(talk, event.clientId, (m) => ({ ...m, failed: { code: event.code, detail: event.detail } }));
    case "retried": {
      // Sent again, it comes last.
      const again = talk.outgoing.find((m) => m.clientId === event.clientId);
      if (!again) return talk;
      const others = talk.outgoing.filter((m) => m !== again);
      return { ...talk, outgoing: [...others, { ...again, clientId: event.as, failed: null }] };
    }
    case "discarded":
      return { ...talk, outgoing: talk.outgoing.filter((m) => m.clientId !== event.clientId) };
  }
}

function receive(talk: Talk, message: Message): Talk {
  if (message.seq <= talk.head) return settle(talk, [message]); // a duplicate, but perhaps the acknowledgement of mine
  if (message.seq > talk.head + 1) {
    if (talk.ahead.some((m) => m.seq === message.seq)) return talk;
    return settle({ ...talk, ahead: [...talk.ahead, message].sort((a, b) => a.seq - b.seq) }, [message]);
  }
  return catchUp(append(talk, [message]));
}

function append(talk: Talk, fresh: Message[]): Talk {
  const last = fresh.at(-1);
  if (!last) return talk;
  return follow(settle({ ...talk, lines: [...talk.lines, ...fresh], head: last.seq }, fresh), fresh);
}

/** Appends the lines ahead once the gap before them is closed. */
function catchUp(talk: Talk): Talk {
  if (talk.ahead.length === 0) return talk;
  const ahead = talk.ahead.filter((m) => m.seq > talk.head);
  let n = 0;
  while (ahead[n]?.seq === talk.head + 1 + n) n += 1;
  return append({ ...talk, ahead: ahead.slice(n) }, ahead.slice(0, n));
}

/** Takes title, writer and seats from a fetched page. */
function describe(talk: Talk, room: Room): Talk {
  if (room.last_seq < talk.head) return talk;
  return {
    ...talk,
    title: room.title,
    writer: room.writer.id,
    seats: { taken: room.join_number, of: room.target_number },
    countedAt: Math.max(talk.countedAt, room.last_seq),
  };
}

/** Applies what these lines change about the room: its members and its post. */
function follow(talk: Talk, lines: Message[]): Talk {
  return lines.reduce((talk, line) => {
    const change = changeBy(line, talk);
    if (!change) return talk;
    // Not counted again if the fetched page included it.
    return { ...talk, ...(line.seq > talk.countedAt && change), changed: Math.max(talk.changed, line.seq) };
  }, talk);
}

/** What a line changes; null if nothing, or if this app does not know its type. */
function changeBy({ type, post }: Message, { seats }: Talk): Partial<Talk> | null {
  switch (type) {
    case "chat.user.join":
      return { seats: { ...seats, taken: seats.taken + 1 } };
    case "chat.user.leave":
      return { seats: { ...seats, taken: seats.taken - 1 } };
    case "chat.post":
      return post ? { title: post.title, writer: post.writer_id, seats: { taken: post.join_number, of: post.target_number } } : null;
  }
  return null;
}

/** Removes outgoing messages that are among these lines: they are stored. */
function settle(talk: Talk, lines: Message[] = talk.lines): Talk {
  if (talk.outgoing.length === 0) return talk;
  const stored = new Set(lines.filter((m) => m.user?.id === talk.me).map((m) => m.client_id));
  const outgoing = talk.outgoing.filter((m) => !stored.has(m.clientId));
  return outgoing.length === talk.outgoing.length ? talk : { ...talk, outgoing };
}

function change(talk: Talk, clientId: string, by: (message: Outgoing) => Outgoing): Talk {
  return { ...talk, outgoing: talk.outgoing.map((m) => (m.clientId === clientId ? by(m) : m)) };
}
