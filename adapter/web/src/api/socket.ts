// A room's socket that reconnects by itself. Messages arrive once and in order,
// however often the connection breaks.

import { api, ok, Refused, type Schemas } from "./client";
import { renew, token } from "./session";

export type Frame = Schemas["SocketFrame"];

/** Why a socket does not reconnect: the room is gone, or this person may not enter. */
export type AwayReason = "deleted" | "dismissed" | "elsewhere" | "signed_out";

export type Connection = { state: "connecting" } | { state: "open" } | { state: "waiting" } | { state: "away"; why: AwayReason };

export type RoomSocket = {
  /** Sends the text, now or once connected, until the room acknowledges it. */
  send: (clientId: string, text: string) => void;
  /** Stops sending it. */
  forget: (clientId: string) => void;
  /** Reconnects at once, even if the socket had given up. */
  retry: () => void;
  close: () => void;
};

type Options = {
  room: number;
  /** Who is signed in: only this person's own messages acknowledge. */
  me: number;
  /** The seq of the newest line that is known without a gap before it. */
  head: () => number;
  onFrame: (frame: Frame) => void;
  onChange: (connection: Connection) => void;
  /** Fetches what follows the head over HTTP. Resolves to whether there was anything; rejects with the refusal. */
  catchUp: () => Promise<boolean>;
};

type Socket = Pick<WebSocket, "onopen" | "onmessage" | "onclose" | "send" | "close">;

/** What a socket needs from the browser. Tests replace it. */
export type Environment = {
  WebSocket: new (url: string) => Socket;
  random: () => number;
  now: () => number;
  later: (ms: number, run: () => void) => () => void;
  online: () => boolean;
  visible: () => boolean;
  listen: (listener: (what: "online" | "shown" | "hidden") => void) => () => void;
  /** The current token; null if nobody is signed in, or none has arrived yet. */
  token: () => string | null;
  renew: () => Promise<void>;
  /** Gets a ticket, which opens one connection to a room. Rejects with the refusal. */
  ticket: (room: number) => Promise<string>;
};

const second = 1000;
const handshakeWait = 15 * second;
const ackWait = 12 * second; // the server tries for ten seconds to store a message
const slowAfter = 3 * second;
const stableAfter = 5 * second;
const pauseAfterTooMany = 2 * second;
const tick = 5 * second;
const sleptAfter = 20 * second;
const quietAfter = 90 * second; // the server pings every 30 s, but a page cannot see pings
const maxInFlight = 5; // unacknowledged messages at once, below the rate limit of the server
const maxRejections = 2;
const maxPostponed = 5;
const transient = ["busy", "unavailable", "unknown_outcome", "too_fast"]; // refusals of a message that are worth another try

/** The longest wait between two tries: where somebody looks on, a message arrives within 5 s once the server is back. */
const cap = (visible: boolean) => (visible ? 4 : 20) * second;

/** How long to wait before try n, counted from 0. */
export function backoff(n: number, random: () => number, visible = false): number {
  return random() * Math.min(cap(visible), 0.5 * second * 2 ** n);
}

/** The address of the socket. The one place that knows how it authenticates. */
function address(room: number, ticket: string, after: number): string {
  const query = new URLSearchParams({ ticket, after: String(after) });
  return `${location.origin.replace(/^http/, "ws")}/ws/chat/${room}/?${query.toString()}`;
}

export function openRoom({ room, me, head, onFrame, onChange, catchUp }: Options, environment: Environment = browser): RoomSocket {
  let connection: Connection = { state: "connecting" };
  let socket: Socket | null = null;
  let attempt = 0; // counts connections: events of an older one are ignored
  let retries = 0; // since the last stable connection
  let rejections = 0; // because of the token, since then
  let startedAt = 0;
  let lastFrameAt = 0;
  let hiddenAt: number | null = null;
  let closed = false;
  // In order. `on` is the attempt that a message was sent in, `postponed` how often the server could not store it.
  const outbox = new Map<string, { text: string; on: number; postponed: number }>();
  let paused = false; // nothing new is sent for a moment

  let stopRetry = () => {};
  let stopHandshake = () => {};
  let stopStable = () => {};
  let stopAck = () => {};
  let stopPause = () => {};
  let stopTick = () => {};

  function setConnection(next: Connection) {
    connection = next;
    onChange(next);
  }

  /** Drops the connection without waiting for its close. */
  function drop() {
    attempt += 1;
    stopRetry();
    stopHandshake();
    stopStable();
    stopAck();
    stopPause();
    paused = false;
    const old = socket;
    socket = null;
    old?.close();
  }

  function connect() {
    drop();
    if (closed) return;
    const mine = attempt;
    startedAt = environment.now();
    if (connection.state !== "connecting") setConnection({ state: "connecting" });
    stopHandshake = environment.later(handshakeWait, () => {
      drop();
      lost(false);
    });
    environment.ticket(room).then(
      (ticket) => {
        if (mine === attempt) open(ticket);
      },
      (error: unknown) => {
        if (mine !== attempt) return;
        drop();
        const why = awayReason(error);
        if (why) return setConnection({ state: "away", why });
        // The reason is known: no need to check.
        lost(true, error instanceof Refused ? error.retryAfter * second : 0);
      },
    );
  }

  function open(ticket: string) {
    const mine = attempt;
    const key = environment.token();
    let opened = false;
    const next = new environment.WebSocket(address(room, ticket, head()));
    socket = next;
    next.onopen = () => {
      if (mine !== attempt) return;
      opened = true;
      stopHandshake();
      stopStable = environment.later(stableAfter, () => {
        retries = 0;
        rejections = 0;
      });
      lastFrameAt = environment.now();
      setConnection({ state: "open" });
      pump();
    };
    next.onmessage = (event) => {
      if (mine !== attempt) return;
      lastFrameAt = environment.now();
      const frame = parse(event.data);
      if (!frame) return;
      if ("message" in frame) {
        if (frame.message.user?.id === me && frame.message.client_id !== null) forget(frame.message.client_id);
      } else if (frame.type === "error" && frame.client_id !== null) {
        if (transient.includes(frame.code) && postpone(frame.client_id)) return;
        forget(frame.client_id);
      }
      onFrame(frame);
    };
    next.onclose = ({ code }) => {
      if (mine !== attempt) return;
      socket = null;
      drop();
      switch (code) {
        case 4040:
          return setConnection({ state: "away", why: "deleted" });
        case 4403:
          return setConnection({ state: "away", why: "dismissed" });
        case 1008:
          return setConnection({ state: "away", why: "elsewhere" });
        case 4401:
          return void signInAgain(key);
      }
      lost(opened, code === 4429 ? pauseAfterTooMany : 0);
    };
  }

  /** Reconnects after a while. A browser does not say whether a handshake was refused, so this asks over HTTP. */
  function lost(opened: boolean, pause = 0) {
    setConnection({ state: "waiting" });
    const visible = environment.visible();
    const wait = pause + backoff(retries++, environment.random, visible);
    stopRetry = environment.later(pause < cap(visible) ? Math.min(wait, cap(visible)) : wait, connect);
    if (!opened && environment.online()) void check();
  }

  async function check() {
    try {
      return await catchUp();
    } catch (error) {
      const why = awayReason(error);
      if (why && !closed && connection.state !== "open" && connection.state !== "away") {
        drop();
        setConnection({ state: "away", why });
      }
      return false;
    }
  }

  async function signInAgain(key: string | null) {
    const mine = attempt;
    setConnection({ state: "waiting" });
    if (environment.token() === key) await environment.renew().catch(() => {});
    if (closed || mine !== attempt) return;
    rejections += 1;
    if (environment.token() === null || rejections >= maxRejections) return setConnection({ state: "away", why: "signed_out" });
    stopRetry = environment.later(backoff(retries++, environment.random, environment.visible()), connect);
  }

  function pump() {
    if (connection.state !== "open" || !socket) return;
    let inFlight = 0;
    for (const [clientId, message] of outbox) {
      if (inFlight === maxInFlight) break;
      if (message.on !== attempt && paused) continue;
      inFlight += 1;
      if (message.on === attempt) continue;
      message.on = attempt;
      socket.send(JSON.stringify({ message: message.text, client_id: clientId }));
    }
    stopAck();
    // Without an acknowledgement the connection counts as dead.
    if (inFlight > 0) stopAck = environment.later(ackWait, connect);
  }

  /** Sends a message again after a while, and later ones not before it. Returns false once it was tried often enough. */
  function postpone(clientId: string): boolean {
    const message = outbox.get(clientId);
    if (!message || message.postponed === maxPostponed) return false;
    message.on = 0;
    const wait = backoff(message.postponed++, environment.random, environment.visible());
    if (!paused) {
      paused = true;
      stopPause = environment.later(wait, () => {
        paused = false;
        pump();
      });
    }
    pump();
    return true;
  }

  function forget(clientId: string) {
    if (outbox.delete(clientId)) pump();
  }

  /** Reconnects if waiting or slow; `suspect`: the open connection may be dead, too. */
  function recheck(suspect: boolean) {
    if (closed) return;
    if (connection.state === "waiting") {
      retries = 0;
      connect();
    } else if (connection.state === "connecting" ? environment.now() - startedAt > slowAfter : connection.state === "open" && suspect) {
      connect();
    }
  }

  function watch(last: number) {
    stopTick = environment.later(tick, () => {
      const now = environment.now();
      // Timers of hidden pages are throttled; those check when they are shown.
      if (environment.visible() && now - last > tick + sleptAfter) {
        recheck(true);
      } else if (environment.visible() && connection.state === "open" && now - lastFrameAt > quietAfter) {
        lastFrameAt = now;
        const mine = attempt;
        void check().then((news) => {
          if (news && mine === attempt) recheck(true);
        });
      }
      watch(now);
    });
  }

  const stopListening = environment.listen((what) => {
    if (what === "hidden") {
      hiddenAt = environment.now();
      return;
    }
    recheck(what === "online" || (hiddenAt !== null && environment.now() - hiddenAt > sleptAfter));
    if (what === "shown") hiddenAt = null;
  });
  watch(environment.now());
  // Not at once, so that an effect that is undone immediately opens nothing.
  stopRetry = environment.later(0, connect);

  return {
    send(clientId, text) {
      if (!outbox.has(clientId)) outbox.set(clientId, { text, on: 0, postponed: 0 });
      // Something to send is worth an earlier attempt.
      if (connection.state === "waiting" && environment.now() - startedAt > slowAfter) connect();
      else pump();
    },
    forget,
    retry() {
      retries = 0;
      connect();
    },
    close() {
      closed = true;
      drop();
      stopTick();
      stopListening();
    },
  };
}

/** Why a person may not enter a room, if the request was refused for that. */
export function awayReason(error: unknown): AwayReason | null {
  if (!(error instanceof Refused)) return null;
  switch (error.status) {
    case 401:
      return "signed_out";
    case 403:
      return "dismissed";
    case 404:
    case 410:
      return "deleted";
  }
  return null;
}

/** Parses a frame. Of types that this app does not know, only log entries are kept. */
function parse(data: unknown): Frame | null {
  try {
    const frame = JSON.parse(String(data)) as Frame | null;
    if (!frame) return null;
    if (frame.type === "error" || frame.type === "chat.resync") return frame;
    return frame.type.startsWith("chat.") && "message" in frame && Number.isSafeInteger(frame.message.seq) ? frame : null;
  } catch {
    return null;
  }
}

const browser: Environment = {
  get WebSocket() {
    return WebSocket; // read at each use, so that tests can replace it
  },
  random: Math.random,
  now: () => Date.now(),
  later: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  online: () => navigator.onLine,
  visible: () => document.visibilityState === "visible",
  listen(listener) {
    const online = () => listener("online");
    const shown = () => listener(document.visibilityState === "visible" ? "shown" : "hidden");
    addEventListener("online", online);
    addEventListener("pageshow", shown);
    document.addEventListener("visibilitychange", shown);
    document.addEventListener("resume", shown);
    return () => {
      removeEventListener("online", online);
      removeEventListener("pageshow", shown);
      document.removeEventListener("visibilitychange", shown);
      document.removeEventListener("resume", shown);
    };
  },
  token,
  renew,
  ticket: async (id) => (await ok(api.POST("/api/chat/{id}/ticket/", { params: { path: { id } } }))).ticket,
};
