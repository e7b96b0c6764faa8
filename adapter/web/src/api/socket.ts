// A room's socket that comes back by itself: what is said over it arrives once
// and in order, however often the line breaks.

import { api, ok, Refused, type Schemas } from "./client";
import { renew, token } from "./session";

export type Frame = Schemas["SocketFrame"];

/** Why a socket stays away: there is nothing to come back to, or nobody who may. */
export type Why = "deleted" | "dismissed" | "elsewhere" | "signed_out";

export type Connection = { is: "connecting" } | { is: "open" } | { is: "waiting" } | { is: "away"; why: Why };

export type RoomSocket = {
  /** Sends the text, now or as soon as there is a line, until the room says it back. */
  send: (clientId: string, text: string) => void;
  /** Does not send it again. */
  forget: (clientId: string) => void;
  /** Tries at once, also where it would have stayed away. */
  retry: () => void;
  close: () => void;
};

type Options = {
  room: number;
  /** Who is signed in: only what this person said is an acknowledgement. */
  me: number;
  /** The newest line that is known together with all before it. */
  head: () => number;
  hear: (frame: Frame) => void;
  change: (connection: Connection) => void;
  /** Asks the room without the socket what there is after the head. Tells whether there was something; throws why one is refused. */
  look: () => Promise<boolean>;
};

type Line = Pick<WebSocket, "onopen" | "onmessage" | "onclose" | "send" | "close">;

/** What a socket needs of the world around it. */
export type World = {
  WebSocket: new (url: string) => Line;
  random: () => number;
  now: () => number;
  later: (ms: number, run: () => void) => () => void;
  online: () => boolean;
  visible: () => boolean;
  listen: (hear: (what: "online" | "shown" | "hidden") => void) => () => void;
  /** The token of the moment; null if nobody is signed in, or there was no answer yet. */
  token: () => string | null;
  renew: () => Promise<void>;
  /** What opens one line to a room, once and soon. Throws why one is refused. */
  ticket: (room: number) => Promise<string>;
};

const second = 1000;
const handshakeWait = 15 * second;
const ackWait = 12 * second; // the server tries for ten seconds to store a message
const impatient = 3 * second;
const stableAfter = 5 * second;
const restAfterTooMany = 2 * second;
const tick = 5 * second;
const sleptAfter = 20 * second;
const quietAfter = 90 * second; // the server pings every half minute, but a page cannot see that
const maxFlying = 5; // messages under way at once, so that a long queue is not too much
const maxTurnedAway = 2;
const maxPutOff = 5;
const passing = ["busy", "unavailable", "unknown_outcome", "too_fast"]; // what the server says where it could not store a message just now

/** How long to wait before try n, counted from 0. */
export function backoff(n: number, random: () => number): number {
  return random() * Math.min(20 * second, 0.5 * second * 2 ** n);
}

/** Where the socket is. The one place that knows how a socket says who asks. */
function address(room: number, ticket: string, after: number): string {
  const query = new URLSearchParams({ ticket, after: String(after) });
  return `${location.origin.replace(/^http/, "ws")}/ws/chat/${room}/?${query.toString()}`;
}

export function openRoom({ room, me, head, hear, change, look }: Options, world: World = browser): RoomSocket {
  let connection: Connection = { is: "connecting" };
  let line: Line | null = null;
  let attempt = 0; // numbers the lines: what an older one still tells is not heard
  let tries = 0; // since the last line that held
  let turnedAway = 0; // as signed out, since then
  let began = 0;
  let heardAt = 0;
  let hiddenAt: number | null = null;
  let closed = false;
  // In order. `on` is the attempt that carries a message, `putOff` how often the server could not store it.
  const outbox = new Map<string, { text: string; on: number; putOff: number }>();
  let resting = false; // nothing new is said for a moment

  let stopRetry = () => {};
  let stopHandshake = () => {};
  let stopStable = () => {};
  let stopAck = () => {};
  let stopRest = () => {};
  let stopTick = () => {};

  function become(next: Connection) {
    connection = next;
    change(next);
  }

  /** Lets go of the line, if there is one, without waiting for its close. */
  function drop() {
    attempt += 1;
    stopRetry();
    stopHandshake();
    stopStable();
    stopAck();
    stopRest();
    resting = false;
    const old = line;
    line = null;
    old?.close();
  }

  function connect() {
    drop();
    if (closed) return;
    const mine = attempt;
    began = world.now();
    if (connection.is !== "connecting") become({ is: "connecting" });
    stopHandshake = world.later(handshakeWait, () => {
      drop();
      lost(false);
    });
    world.ticket(room).then(
      (ticket) => {
        if (mine === attempt) open(ticket);
      },
      (error: unknown) => {
        if (mine !== attempt) return;
        drop();
        const why = refusedFor(error);
        if (why) return become({ is: "away", why });
        // Told why, it need not ask.
        lost(true, error instanceof Refused ? error.retryAfter * second : 0);
      },
    );
  }

  function open(ticket: string) {
    const mine = attempt;
    const key = world.token();
    let opened = false;
    const next = new world.WebSocket(address(room, ticket, head()));
    line = next;
    next.onopen = () => {
      if (mine !== attempt) return;
      opened = true;
      stopHandshake();
      stopStable = world.later(stableAfter, () => {
        tries = 0;
        turnedAway = 0;
      });
      heardAt = world.now();
      become({ is: "open" });
      pump();
    };
    next.onmessage = (event) => {
      if (mine !== attempt) return;
      heardAt = world.now();
      const frame = parse(event.data);
      if (!frame) return;
      if ("message" in frame) {
        if (frame.message.user?.id === me && frame.message.client_id !== null) forget(frame.message.client_id);
      } else if (frame.type === "error" && frame.client_id !== null) {
        if (passing.includes(frame.code) && putOff(frame.client_id)) return;
        forget(frame.client_id);
      }
      hear(frame);
    };
    next.onclose = ({ code }) => {
      if (mine !== attempt) return;
      line = null;
      drop();
      switch (code) {
        case 4040:
          return become({ is: "away", why: "deleted" });
        case 4403:
          return become({ is: "away", why: "dismissed" });
        case 1008:
          return become({ is: "away", why: "elsewhere" });
        case 4401:
          return void signInAgain(key);
      }
      lost(opened, code === 4429 ? restAfterTooMany : 0);
    };
  }

  /** Comes back after a while. A line that never opened may have been refused, which a page is not told: it asks. */
  function lost(opened: boolean, rest = 0) {
    become({ is: "waiting" });
    stopRetry = world.later(rest + backoff(tries++, world.random), connect);
    if (!opened && world.online()) void ask();
  }

  async function ask() {
    try {
      return await look();
    } catch (error) {
      const why = refusedFor(error);
      if (why && !closed && connection.is !== "open" && connection.is !== "away") {
        drop();
        become({ is: "away", why });
      }
      return false;
    }
  }

  async function signInAgain(key: string | null) {
    const mine = attempt;
    become({ is: "waiting" });
    if (world.token() === key) await world.renew().catch(() => {});
    if (closed || mine !== attempt) return;
    turnedAway += 1;
    if (world.token() === null || turnedAway >= maxTurnedAway) return become({ is: "away", why: "signed_out" });
    stopRetry = world.later(backoff(tries++, world.random), connect);
  }

  function pump() {
    if (connection.is !== "open" || !line) return;
    let flying = 0;
    for (const [clientId, message] of outbox) {
      if (flying === maxFlying) break;
      if (message.on !== attempt && resting) continue;
      flying += 1;
      if (message.on === attempt) continue;
      message.on = attempt;
      line.send(JSON.stringify({ message: message.text, client_id: clientId }));
    }
    stopAck();
    // A line that swallows what is said is none, even if nobody has noticed yet.
    if (flying > 0) stopAck = world.later(ackWait, connect);
  }

  /** Says a message again after a while, and what comes after it no sooner. Tells whether there is any point in it. */
  function putOff(clientId: string): boolean {
    const message = outbox.get(clientId);
    if (!message || message.putOff === maxPutOff) return false;
    message.on = 0;
    const wait = backoff(message.putOff++, world.random);
    if (!resting) {
      resting = true;
      stopRest = world.later(wait, () => {
        resting = false;
        pump();
      });
    }
    pump();
    return true;
  }

  function forget(clientId: string) {
    if (outbox.delete(clientId)) pump();
  }

  /** Something suggests that a line can be had, or that the one we have is dead. */
  function wake(suspicious: boolean) {
    if (closed) return;
    if (connection.is === "waiting") {
      tries = 0;
      connect();
    } else if (connection.is === "connecting" ? world.now() - began > impatient : connection.is === "open" && suspicious) {
      connect();
    }
  }

  function watch(last: number) {
    stopTick = world.later(tick, () => {
      const now = world.now();
      // Timers of hidden pages are slow anyway; those are looked after when they are shown.
      if (world.visible() && now - last > tick + sleptAfter) {
        wake(true);
      } else if (world.visible() && connection.is === "open" && now - heardAt > quietAfter) {
        heardAt = now;
        const mine = attempt;
        void ask().then((news) => {
          if (news && mine === attempt) wake(true);
        });
      }
      watch(now);
    });
  }

  const deaf = world.listen((what) => {
    if (what === "hidden") {
      hiddenAt = world.now();
      return;
    }
    wake(what === "online" || (hiddenAt !== null && world.now() - hiddenAt > sleptAfter));
    if (what === "shown") hiddenAt = null;
  });
  watch(world.now());
  // Not at once: an effect that is undone in the same breath opens nothing.
  stopRetry = world.later(0, connect);

  return {
    send(clientId, text) {
      if (!outbox.has(clientId)) outbox.set(clientId, { text, on: 0, putOff: 0 });
      // Who has something to say does not wait for the next try.
      if (connection.is === "waiting" && world.now() - began > impatient) connect();
      else pump();
    },
    forget,
    retry() {
      tries = 0;
      connect();
    },
    close() {
      closed = true;
      drop();
      stopTick();
      deaf();
    },
  };
}

/** Why somebody has no business in a room, if that is what a request was refused for. */
export function refusedFor(error: unknown): Why | null {
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

/** Reads a frame. A newer server may send others: of those, only entries of the log are of use. */
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

const browser: World = {
  get WebSocket() {
    return WebSocket; // looked up at each use, so that tests can stand in for the network
  },
  random: Math.random,
  now: () => Date.now(),
  later: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  online: () => navigator.onLine,
  visible: () => document.visibilityState === "visible",
  listen(hear) {
    const online = () => hear("online");
    const seen = () => hear(document.visibilityState === "visible" ? "shown" : "hidden");
    addEventListener("online", online);
    addEventListener("pageshow", seen);
    document.addEventListener("visibilitychange", seen);
    document.addEventListener("resume", seen);
    return () => {
      removeEventListener("online", online);
      removeEventListener("pageshow", seen);
      document.removeEventListener("visibilitychange", seen);
      document.removeEventListener("resume", seen);
    };
  },
  token,
  renew,
  ticket: async (id) => (await ok(api.POST("/api/chat/{id}/ticket/", { params: { path: { id } } }))).ticket,
};
