// What is known of a room's talk, and how it changes by what is heard. Lines are
// ordered by their seq, which has no holes; clocks have no say.

import type { Schemas } from "../../api/client";

export type Message = Schemas["Message"];
type Room = Schemas["Room"];

/** What I said and the room has not said back yet. */
export type Outgoing = {
  clientId: string;
  text: string;
  /** When it was said, in milliseconds. */
  at: number;
  /** Why it was not taken; null while it is on its way. */
  failed: { code: string; detail: string } | null;
};

export type Talk = {
  title: string;
  writer: number;
  /** Gapless, oldest first. */
  lines: Message[];
  /** Seq of the newest of them: all up to there that was asked for is there. */
  head: number;
  /** Came before what belongs in front of them: there is a hole after `head`. */
  early: Message[];
  /** Whether there are lines before the first. */
  more: boolean;
  seats: { taken: number; of: number };
  /** Seq of the newest line that was there when the room was read: title, writer and seats are as of then. */
  countedAt: number;
  /** Seq of the newest line by which the post changed, or who is in. */
  changed: number;
  /** After the lines, in the order in which they were said. */
  outgoing: Outgoing[];
  me: number;
};

export type Event =
  /** A page of the newest lines, read again. */
  | { is: "newest"; room: Room }
  /** The page that follows the line `after`. */
  | { is: "after"; after: number; room: Room }
  /** The page that comes before the first line. */
  | { is: "before"; room: Room }
  /** The room is not what it was. */
  | { is: "reset"; room: Room }
  | { is: "heard"; message: Message }
  | { is: "said"; message: Outgoing }
  | { is: "refused"; clientId: string; code: string; detail: string }
  | { is: "again"; clientId: string; as: string }
  | { is: "forgotten"; clientId: string };

export function begin(room: Room, me: number, outgoing: Outgoing[] = []): Talk {
  return follow(
    settle({
      title: room.title,
      writer: room.writer.id,
      lines: room.messages,
      head: room.messages.at(-1)?.seq ?? room.last_seq,
      early: [],
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
  switch (event.is) {
    case "newest": {
      const next = describe(talk, event.room);
      return event.room.messages.reduce(hear, next);
    }
    case "after": {
      if (event.after > talk.head) return talk;
      // The page is complete from `after` on, so its first line follows whatever number it has.
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
    case "heard":
      return hear(talk, event.message);
    case "said":
      return { ...talk, outgoing: [...talk.outgoing, event.message] };
    case "refused":
      return change(talk, event.clientId, (m) => ({ ...m, failed: { code: event.code, detail: event.detail } }));
    case "again": {
      // Said anew, it comes after all the others.
      const again = talk.outgoing.find((m) => m.clientId === event.clientId);
      if (!again) return talk;
      const others = talk.outgoing.filter((m) => m !== again);
      return { ...talk, outgoing: [...others, { ...again, clientId: event.as, failed: null }] };
    }
    case "forgotten":
      return { ...talk, outgoing: talk.outgoing.filter((m) => m.clientId !== event.clientId) };
  }
}

function hear(talk: Talk, message: Message): Talk {
  if (message.seq <= talk.head) return settle(talk, [message]); // a double, but perhaps the answer to mine
  if (message.seq > talk.head + 1) {
    if (talk.early.some((m) => m.seq === message.seq)) return talk;
    return settle({ ...talk, early: [...talk.early, message].sort((a, b) => a.seq - b.seq) }, [message]);
  }
  return catchUp(append(talk, [message]));
}

function append(talk: Talk, fresh: Message[]): Talk {
  const last = fresh.at(-1);
  if (!last) return talk;
  return follow(settle({ ...talk, lines: [...talk.lines, ...fresh], head: last.seq }, fresh), fresh);
}

/** Takes what waited behind a hole and follows now. */
function catchUp(talk: Talk): Talk {
  if (talk.early.length === 0) return talk;
  const early = talk.early.filter((m) => m.seq > talk.head);
  let n = 0;
  while (early[n]?.seq === talk.head + 1 + n) n += 1;
  return append({ ...talk, early: early.slice(n) }, early.slice(0, n));
}

/** Takes from a page what it tells about the room besides the lines. */
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

/** Follows how these lines change the room: who came and went, and what the post is now. */
function follow(talk: Talk, lines: Message[]): Talk {
  return lines.reduce((talk, line) => {
    const change = changeBy(line, talk);
    if (!change) return talk;
    // What the page told already is not counted again.
    return { ...talk, ...(line.seq > talk.countedAt && change), changed: Math.max(talk.changed, line.seq) };
  }, talk);
}

/** What a line changes; null for one that changes nothing, or that only a newer app knows. */
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

/** Takes away what I said and is among these lines: the room has it. */
function settle(talk: Talk, lines: Message[] = talk.lines): Talk {
  if (talk.outgoing.length === 0) return talk;
  const stored = new Set(lines.filter((m) => m.user?.id === talk.me).map((m) => m.client_id));
  const outgoing = talk.outgoing.filter((m) => !stored.has(m.clientId));
  return outgoing.length === talk.outgoing.length ? talk : { ...talk, outgoing };
}

function change(talk: Talk, clientId: string, by: (message: Outgoing) => Outgoing): Talk {
  return { ...talk, outgoing: talk.outgoing.map((m) => (m.clientId === clientId ? by(m) : m)) };
}
