// The conversation of one room: the socket, what is fetched besides, and the state
// that both change.

import { newId } from "../../api/newId";
import type { Schemas } from "../../api/client";
import { openRoom, type Connection, type Frame, type RoomSocket, type Environment } from "../../api/socket";
import { loadOutbox, saveOutbox } from "./outbox";
import { readRoom } from "./queries";
import { begin, reduce, type Event, type Talk } from "./talk";

type Room = Schemas["Room"];

export type View = { talk: Talk; connection: Connection; older: "idle" | "loading" | "failed" };

export type Conversation = {
  view: () => View;
  subscribe: (listener: () => void) => () => void;
  /** Follows the room until the returned function is called. */
  start: () => () => void;
  /** Takes a page of the newest lines that was fetched elsewhere. */
  refresh: (room: Room) => void;
  send: (text: string) => void;
  retry: (clientId: string) => void;
  discard: (clientId: string) => void;
  older: () => Promise<void>;
  reconnect: () => void;
  /** The room as a later visit can start with it. */
  snapshot: () => Room | null;
};

const pageSize = 200;
const retryDelay = 2000;

export function startConversation(id: number, me: number, room: Room, environment?: Environment): Conversation {
  let view: View = { talk: begin(room, me, loadOutbox(me, id)), connection: { state: "connecting" }, older: "idle" };
  let last = room;
  let socket: RoomSocket | null = null;
  let fetching = false;
  let resyncing = false;
  const listeners = new Set<() => void>();

  function show(next: Partial<View>) {
    view = { ...view, ...next };
    listeners.forEach((listener) => listener());
  }

  function dispatch(event: Event) {
    const talk = reduce(view.talk, event);
    if (talk === view.talk) return;
    if (talk.outgoing !== view.talk.outgoing) saveOutbox(me, id, view.talk.outgoing, talk.outgoing);
    show({ talk });
    if (talk.ahead.length > 0) void fillGap();
  }

  /** Fetches what follows the head. Resolves to whether there was anything. */
  async function catchUp(): Promise<boolean> {
    const after = view.talk.head;
    last = await readRoom(id, { after, limit: pageSize });
    dispatch({ type: "after", after, room: last });
    return view.talk.head > after;
  }

  /** Fetches until there is no gap. */
  async function fillGap() {
    if (fetching) return;
    fetching = true;
    while (socket && view.talk.ahead.length > 0) {
      if (!(await catchUp().catch(() => false))) await new Promise((go) => setTimeout(go, retryDelay));
    }
    fetching = false;
  }

  async function resync() {
    if (resyncing) return;
    resyncing = true;
    try {
      last = await readRoom(id);
      dispatch({ type: "reset", room: last });
    } catch {
      // The server says so again after the next reconnect.
      setTimeout(() => socket?.retry(), retryDelay);
    } finally {
      resyncing = false;
    }
  }

  function onFrame(frame: Frame) {
    if ("message" in frame) return dispatch({ type: "received", message: frame.message });
    switch (frame.type) {
      case "error":
        if (frame.client_id !== null) dispatch({ type: "refused", clientId: frame.client_id, code: frame.code, detail: frame.detail });
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
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start() {
      const mine = openRoom(
        { room: id, me, head: () => view.talk.head, onFrame, catchUp, onChange: (connection) => show({ connection }) },
        environment,
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
      dispatch({ type: "newest", room });
    },
    send(text) {
      const clientId = newId();
      dispatch({ type: "sent", message: { clientId, text, at: Date.now(), failed: null } });
      post(clientId, text);
    },
    retry(clientId) {
      const message = view.talk.outgoing.find((m) => m.clientId === clientId);
      if (!message?.failed) return;
      // It may have been stored: the same id keeps it from being stored twice.
      const as = message.failed.code === "id_conflict" ? newId() : clientId;
      dispatch({ type: "retried", clientId, as });
      post(as, message.text);
    },
    discard(clientId) {
      socket?.forget(clientId);
      dispatch({ type: "discarded", clientId });
    },
    async older() {
      const first = view.talk.lines[0];
      if (view.older === "loading" || !view.talk.more || !first) return;
      show({ older: "loading" });
      try {
        dispatch({ type: "before", room: await readRoom(id, { before: first.seq }) });
        show({ older: "idle" });
      } catch {
        show({ older: "failed" });
      }
    },
    reconnect: () => socket?.retry(),
    snapshot() {
      const { talk } = view;
      const messages = talk.lines.slice(-50);
      if (view.connection.state === "away") return null;
      return {
        ...last,
        title: talk.title,
        // The name of a new writer comes with the next fetch.
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
