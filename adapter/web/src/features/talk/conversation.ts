// One room's talk as it goes on: the socket, what is fetched besides, and the
// state that both change.

import type { Schemas } from "../../api/client";
import { openRoom, type Connection, type Frame, type RoomSocket, type World } from "../../api/socket";
import { loadOutbox, saveOutbox } from "./outbox";
import { readRoom } from "./queries";
import { begin, reduce, type Event, type Talk } from "./talk";

type Room = Schemas["Room"];

export type View = { talk: Talk; connection: Connection; older: "idle" | "loading" | "failed" };

export type Conversation = {
  view: () => View;
  subscribe: (hear: () => void) => () => void;
  /** Follows the room until the returned function is called. */
  start: () => () => void;
  /** A page of the newest lines was read by somebody else. */
  refresh: (room: Room) => void;
  send: (text: string) => void;
  again: (clientId: string) => void;
  forget: (clientId: string) => void;
  older: () => Promise<void>;
  reconnect: () => void;
  /** The room as a later visit may begin with it. */
  snapshot: () => Room | null;
};

const page = 200;
const pause = 2000;

export function converse(id: number, me: number, room: Room, world?: World): Conversation {
  let view: View = { talk: begin(room, me, loadOutbox(me, id)), connection: { is: "connecting" }, older: "idle" };
  let last = room;
  let socket: RoomSocket | null = null;
  let filling = false;
  let resyncing = false;
  const heard = new Set<() => void>();

  function show(next: Partial<View>) {
    view = { ...view, ...next };
    heard.forEach((hear) => hear());
  }

  function happen(event: Event) {
    const talk = reduce(view.talk, event);
    if (talk === view.talk) return;
    if (talk.outgoing !== view.talk.outgoing) saveOutbox(me, id, talk.outgoing);
    show({ talk });
    if (talk.early.length > 0) void fill();
  }

  /** Fetches what follows the head. Tells whether there was something. */
  async function look(): Promise<boolean> {
    const after = view.talk.head;
    last = await readRoom(id, { after, limit: page });
    happen({ is: "after", after, room: last });
    return view.talk.head > after;
  }

  /** Fetches until there is no hole any more. */
  async function fill() {
    if (filling) return;
    filling = true;
    while (socket && view.talk.early.length > 0) {
      if (!(await look().catch(() => false))) await new Promise((go) => setTimeout(go, pause));
    }
    filling = false;
  }

  async function resync() {
    if (resyncing) return;
    resyncing = true;
    try {
      last = await readRoom(id);
      happen({ is: "reset", room: last });
    } catch {
      // The socket is told the same when it comes back the next time.
      setTimeout(() => socket?.retry(), pause);
    } finally {
      resyncing = false;
    }
  }

  function hear(frame: Frame) {
    if ("message" in frame) return happen({ is: "heard", message: frame.message });
    switch (frame.type) {
      case "error":
        if (frame.client_id !== null) happen({ is: "refused", clientId: frame.client_id, code: frame.code, detail: frame.detail });
        return;
      case "chat.resync":
        return void resync();
    }
  }

  function post(clientId: string, text: string) {
    socket?.send(clientId, text);
  }

  return {
    view: () => view,
    subscribe(hear) {
      heard.add(hear);
      return () => heard.delete(hear);
    },
    start() {
      const mine = openRoom(
        { room: id, me, head: () => view.talk.head, hear, look, change: (connection) => show({ connection }) },
        world,
      );
      socket = mine;
      for (const message of view.talk.outgoing) if (!message.failed) post(message.clientId, message.text);
      return () => {
        mine.close();
        if (socket === mine) socket = null;
      };
    },
    refresh(room) {
      if (room === last) return;
      last = room;
      happen({ is: "newest", room });
    },
    send(text) {
      const clientId = newId();
      happen({ is: "said", message: { clientId, text, at: Date.now(), failed: null } });
      post(clientId, text);
    },
    again(clientId) {
      const message = view.talk.outgoing.find((m) => m.clientId === clientId);
      if (!message?.failed) return;
      // Nobody knows whether a lost one was stored: only the same name keeps it from being said twice.
      const as = message.failed.code === "id_conflict" ? newId() : clientId;
      happen({ is: "again", clientId, as });
      post(as, message.text);
    },
    forget(clientId) {
      socket?.forget(clientId);
      happen({ is: "forgotten", clientId });
    },
    async older() {
      const first = view.talk.lines[0];
      if (view.older === "loading" || !view.talk.more || !first) return;
      show({ older: "loading" });
      try {
        happen({ is: "before", room: await readRoom(id, { before: first.seq }) });
        show({ older: "idle" });
      } catch {
        show({ older: "failed" });
      }
    },
    reconnect: () => socket?.retry(),
    snapshot() {
      const { talk } = view;
      const messages = talk.lines.slice(-50);
      if (view.connection.is === "away") return null;
      return {
        ...last,
        title: talk.title,
        // The name of a new one comes when the room is read.
        writer: talk.writer === last.writer.id ? last.writer : { id: talk.writer, username: "", email: "" },
        messages,
        last_seq: talk.head,
        join_number: talk.seats.taken,
        target_number: talk.seats.of,
        has_more: talk.more || messages.length < talk.lines.length,
      };
    },
  };
}

/** A UUID, also where a page without https has no function for it. */
function newId(): string {
  if ("randomUUID" in crypto) return crypto.randomUUID();
  const bytes = (crypto as Crypto).getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
