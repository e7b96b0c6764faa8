import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Refused, type Schemas } from "./client";
import { backoff, openRoom, type Connection, type Frame, type Environment } from "./socket";

const second = 1000;

class FakeSocket {
  static all: FakeSocket[] = [];
  onopen: WebSocket["onopen"] = null;
  onmessage: WebSocket["onmessage"] = null;
  onclose: WebSocket["onclose"] = null;
  sent: { message: string; client_id: string }[] = [];
  closed = false;
  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  send(text: string) {
    this.sent.push(JSON.parse(text) as { message: string; client_id: string });
  }
  close() {
    this.closed = true;
  }
  open() {
    this.onopen?.call(this as never, new Event("open"));
  }
  tell(frame: unknown) {
    this.onmessage?.call(this as never, new MessageEvent("message", { data: JSON.stringify(frame) }));
  }
  end(code: number) {
    this.onclose?.call(this as never, new CloseEvent("close", { code }));
  }
  get said() {
    return this.sent.map((m) => m.client_id);
  }
}

const last = () => FakeSocket.all.at(-1)!;

let token: string | null;
let online: boolean;
let visible: boolean;
let notify: (what: "online" | "shown" | "hidden") => void;
let now: number;
let frames: Frame[];
let states: Connection[];
const renew = vi.fn<() => Promise<void>>();
const catchUp = vi.fn<() => Promise<boolean>>();
const ticket = vi.fn<(room: number) => Promise<string>>();

const environment: Environment = {
  WebSocket: FakeSocket,
  random: () => 1,
  now: () => now,
  later: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  online: () => online,
  visible: () => visible,
  listen: (listener) => {
    notify = listener;
    return () => {
      notify = () => {};
    };
  },
  token: () => token,
  renew,
  ticket,
};

/** Lets time go by, as the timers and the clock see it. */
async function wait(ms: number) {
  for (let left = ms; left > 0; left -= second) {
    now += Math.min(left, second);
    await vi.advanceTimersByTimeAsync(Math.min(left, second));
  }
  if (ms === 0) await vi.advanceTimersByTimeAsync(0);
}

function begin(head = () => 7) {
  return openRoom({ room: 3, me: 1, head, onFrame: (f) => frames.push(f), onChange: (c) => states.push(c), catchUp }, environment);
}

async function beginOpen() {
  const room = begin();
  await wait(0);
  last().open();
  return room;
}

function echo(clientId: string, who = 1): { type: string; message: Schemas["Message"] } {
  const user = { id: who, username: "앤", email: "ann@example.com" };
  return { type: "chat.message", message: { id: 9, seq: 9, type: "chat.message", message: "말", created_at: "2026-11-22T01:00:00Z", chatroom: 3, user, client_id: clientId } };
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
  token = "one";
  online = true;
  visible = true;
  now = 1_000_000;
  frames = [];
  states = [];
  renew.mockReset().mockResolvedValue();
  catchUp.mockReset().mockResolvedValue(false);
  let tickets = 0;
  ticket.mockReset().mockImplementation((room) => Promise.resolve(`${room}-${(tickets += 1)}`));
});

afterEach(() => vi.useRealTimers());

test("waits longer each time, at random, and never beyond four seconds on a visible page, twenty on a hidden one", () => {
  expect([0, 1, 2, 3, 50].map((n) => backoff(n, () => 1, true))).toEqual([500, 1000, 2000, 4000, 4000]);
  expect([0, 1, 2, 5, 6, 50].map((n) => backoff(n, () => 1))).toEqual([500, 1000, 2000, 16_000, 20_000, 20_000]);
  expect(backoff(6, () => 0)).toBe(0);
  expect(backoff(3, () => 0.5)).toBe(2000);
});

test.each([
  [true, 5],
  [false, 21],
])("what waits during a long restart is sent soon after it (visible: %s)", async (seen, most) => {
  visible = seen;
  const room = await beginOpen();
  ticket.mockRejectedValue(new Refused(503, "busy", "", {}, "", 2));
  last().end(1006);
  room.send("a", "늦은 말");
  await wait(120 * second);
  let tickets = 100;
  ticket.mockImplementation((room) => Promise.resolve(`${room}-${(tickets += 1)}`));
  const before = FakeSocket.all.length;
  let waited = 0;
  for (; FakeSocket.all.length === before && waited < 60; waited += 1) await wait(second);
  expect(waited).toBeLessThanOrEqual(most);
  last().open();
  expect(last().sent).toEqual([{ message: "늦은 말", client_id: "a" }]);
});

test("asks for what comes after the newest known line, each time with a new ticket", async () => {
  let head = 7;
  begin(() => head);
  await wait(0);
  expect(last().url).toBe("ws://localhost:3000/ws/chat/3/?ticket=3-1&after=7");
  last().open();
  head = 12;
  last().end(1006);
  await wait(500);
  expect(last().url).toContain("?ticket=3-2&after=12");
});

test("opens nothing if it is closed in the same breath", async () => {
  begin().close();
  await wait(60 * second);
  expect(FakeSocket.all).toHaveLength(0);
});

test.each([1001, 1006, 1011, 1013, 4408])("comes back after %d", async (code) => {
  await beginOpen();
  last().end(code);
  expect(states.at(-1)).toEqual({ state: "waiting" });
  await wait(499);
  expect(FakeSocket.all).toHaveLength(1);
  await wait(1);
  expect(FakeSocket.all).toHaveLength(2);
});

test("rests before it comes back after too many messages", async () => {
  await beginOpen();
  last().end(4429);
  await wait(2 * second);
  expect(FakeSocket.all).toHaveLength(1);
  await wait(500);
  expect(FakeSocket.all).toHaveLength(2);
});

test.each([
  [4040, "deleted"],
  [4403, "dismissed"],
  [1008, "elsewhere"],
])("stays away after %d", async (code, why) => {
  await beginOpen();
  last().end(code);
  notify("online");
  await wait(120 * second);
  expect(states.at(-1)).toEqual({ state: "away", why });
  expect(FakeSocket.all).toHaveLength(1);
});

test("returns from staying away where one asks for it", async () => {
  const room = await beginOpen();
  last().end(1008);
  room.retry();
  await wait(0);
  last().open();
  expect(states.at(-1)).toEqual({ state: "open" });
});

test("begins anew with short waits only after a line that held", async () => {
  await beginOpen();
  last().end(1006); // 0.5 s
  await wait(500);
  last().open();
  last().end(1006); // 1 s: that was no line
  await wait(500);
  expect(FakeSocket.all).toHaveLength(2);
  await wait(500);
  last().open();
  await wait(5 * second);
  last().end(1006);
  await wait(500);
  expect(FakeSocket.all).toHaveLength(4);
});

test("hears nothing of a line that was given up", async () => {
  await beginOpen();
  const first = last();
  now += 60 * second;
  notify("online"); // takes a new one
  expect(first.closed).toBe(true);
  first.tell(echo("a"));
  first.end(4040);
  expect(frames).toEqual([]);
  expect(states.at(-1)).toEqual({ state: "connecting" });
});

test("gives up a handshake that nobody answers", async () => {
  begin();
  await wait(15 * second);
  expect(last().closed).toBe(true);
  await wait(500);
  expect(FakeSocket.all).toHaveLength(2);
});

test("tries at once when there is a network again, or somebody looks", async () => {
  await beginOpen();
  for (let i = 0; i < 6; i += 1) {
    last().end(1006);
    await wait(20 * second);
  }
  last().end(1006);
  const before = FakeSocket.all.length;
  notify("online");
  await wait(0);
  expect(FakeSocket.all).toHaveLength(before + 1);
  last().end(1006);
  notify("shown");
  await wait(0);
  expect(FakeSocket.all).toHaveLength(before + 2);
});

test("keeps a line over a short catchUp away, and takes a new one after a long one", async () => {
  await beginOpen();
  notify("hidden");
  await wait(10 * second);
  notify("shown");
  expect(FakeSocket.all).toHaveLength(1);
  notify("hidden");
  await wait(30 * second);
  notify("shown");
  await wait(0);
  expect(FakeSocket.all).toHaveLength(2);
});

test("takes a new line after sleep", async () => {
  await beginOpen();
  await wait(4 * second);
  now += 3600 * second;
  await wait(2 * second);
  expect(FakeSocket.all).toHaveLength(2);
});

test("asks whether it is deaf when all is quiet, and takes a new line if it was", async () => {
  await beginOpen();
  await wait(100 * second);
  expect(catchUp).toHaveBeenCalledTimes(1);
  expect(FakeSocket.all).toHaveLength(1);
  catchUp.mockResolvedValue(true);
  await wait(100 * second);
  expect(FakeSocket.all).toHaveLength(2);
});

test.each([
  [403, "not_a_member", "dismissed"],
  [404, "post_not_found", "deleted"],
  [410, "room_deleted", "deleted"],
  [401, "not_signed_in", "signed_out"],
] as const)("learns why a handshake was refused (%d)", async (status, code, why) => {
  catchUp.mockRejectedValue(new Refused(status, code, ""));
  begin();
  await wait(0);
  last().end(1006);
  await wait(60 * second);
  expect(states.at(-1)).toEqual({ state: "away", why });
  expect(FakeSocket.all).toHaveLength(1);
});

test("keeps trying while the server is away", async () => {
  catchUp.mockRejectedValue(new Refused(0, "offline", ""));
  begin();
  await wait(0);
  for (let i = 0; i < 5; i += 1) {
    last().end(1006);
    await wait(10 * second);
  }
  expect(FakeSocket.all).toHaveLength(6);
});

test("comes back with the fresh token, without asking for another", async () => {
  await beginOpen();
  token = "two"; // renewed meanwhile
  last().end(4401);
  await wait(500);
  expect(renew).not.toHaveBeenCalled();
  expect(FakeSocket.all).toHaveLength(2);
});

test("has the token renewed once when it is told that it is signed out", async () => {
  renew.mockImplementation(() => {
    token = "two";
    return Promise.resolve();
  });
  await beginOpen();
  last().end(4401);
  await wait(500);
  expect(renew).toHaveBeenCalledTimes(1);
  expect(FakeSocket.all).toHaveLength(2);
});

test("stays away from who is signed out", async () => {
  renew.mockImplementation(() => {
    token = null;
    return Promise.resolve();
  });
  await beginOpen();
  last().end(4401);
  await wait(60 * second);
  expect(states.at(-1)).toEqual({ state: "away", why: "signed_out" });
  expect(FakeSocket.all).toHaveLength(1);
});

test("does not ask for ever to be signed in", async () => {
  begin();
  await wait(0);
  for (let i = 0; i < 10 && states.at(-1)?.state !== "away"; i += 1) {
    last().open();
    last().end(4401);
    await wait(2 * second);
  }
  expect(states.at(-1)).toEqual({ state: "away", why: "signed_out" });
  expect(FakeSocket.all).toHaveLength(2);
});

test.each([
  [401, "signed_out"],
  [403, "dismissed"],
  [404, "deleted"],
  [410, "deleted"],
] as const)("stays away if the ticket is refused with %d", async (status, why) => {
  ticket.mockRejectedValue(new Refused(status, "internal", ""));
  begin();
  await wait(60 * second);
  expect(states.at(-1)).toEqual({ state: "away", why });
  expect(ticket).toHaveBeenCalledTimes(1);
  expect(FakeSocket.all).toHaveLength(0);
});

test("asks for a ticket again while there is no answer, and not before it is told to", async () => {
  ticket.mockRejectedValueOnce(new Refused(0, "offline", "")).mockRejectedValueOnce(new Refused(429, "too_many_requests", "", {}, "", 7));
  begin();
  await wait(500);
  expect(ticket).toHaveBeenCalledTimes(2);
  expect(catchUp).not.toHaveBeenCalled(); // it was told why
  await wait(7 * second);
  expect(ticket).toHaveBeenCalledTimes(2);
  await wait(second);
  expect(FakeSocket.all).toHaveLength(1);
});

test("does nothing with a ticket that came too late", async () => {
  let give: (ticket: string) => void = () => {};
  ticket.mockReturnValueOnce(new Promise((resolve) => (give = resolve)));
  const room = begin();
  await wait(0);
  room.retry();
  await wait(0);
  give("late");
  await wait(0);
  expect(FakeSocket.all.map(({ url }) => url)).toEqual([expect.stringContaining("ticket=3-1")]);
});

test("keeps what was said without a line and sends it in order, once", async () => {
  const room = begin();
  room.send("a", "하나");
  room.send("b", "둘");
  await wait(0);
  expect(last().sent).toEqual([]);
  last().open();
  expect(last().sent).toEqual([
    { message: "하나", client_id: "a" },
    { message: "둘", client_id: "b" },
  ]);
  last().tell(echo("a"));
  room.send("c", "셋");
  expect(last().said).toEqual(["a", "b", "c"]);
});

test("says again on a new line what was not acknowledged, under the same name", async () => {
  const room = await beginOpen();
  room.send("a", "하나");
  room.send("b", "둘");
  room.send("c", "셋");
  last().tell(echo("b"));
  last().tell(echo("a", 2)); // somebody else's
  last().end(1006);
  await wait(500);
  last().open();
  expect(last().said).toEqual(["a", "c"]);
});

test("does not say again what was refused or given up", async () => {
  const room = await beginOpen();
  room.send("a", "하나");
  room.send("b", "둘");
  last().tell({ type: "error", code: "invalid_message", detail: "안 돼요.", client_id: "a" });
  room.forget("b");
  last().end(1006);
  await wait(500);
  last().open();
  expect(last().sent).toEqual([]);
  expect(frames).toEqual([{ type: "error", code: "invalid_message", detail: "안 돼요.", client_id: "a" }]);
});

const refusal = (clientId: string, code: string) => ({ type: "error", code, detail: "잠시 후에요.", client_id: clientId });

test.each(["busy", "unavailable", "unknown_outcome", "too_fast"])("says again by itself, under the same name, what is refused as %s", async (code) => {
  const room = await beginOpen();
  room.send("a", "하나");
  last().tell(refusal("a", code));
  expect(frames).toEqual([]); // nobody need know
  await wait(499);
  expect(last().said).toEqual(["a"]);
  await wait(1);
  expect(last().said).toEqual(["a", "a"]);
  last().tell(refusal("a", code));
  await wait(second);
  expect(last().said).toEqual(["a", "a", "a"]);
  last().tell(echo("a"));
  await wait(60 * second);
  expect(last().said).toEqual(["a", "a", "a"]);
  expect(FakeSocket.all).toHaveLength(1);
});

test("says that a message has failed after five times, and then says it only if asked", async () => {
  const room = await beginOpen();
  room.send("a", "하나");
  for (let i = 0; i < 5; i += 1) {
    last().tell(refusal("a", "busy"));
    await wait(0.5 * second * 2 ** i);
  }
  expect(last().said).toHaveLength(6);
  expect(frames).toEqual([]);
  last().tell(refusal("a", "busy"));
  expect(frames).toEqual([refusal("a", "busy")]);
  await wait(60 * second);
  expect(last().said).toHaveLength(6);
  room.send("a", "하나");
  last().tell(refusal("a", "busy"));
  await wait(500);
  expect(last().said).toHaveLength(8);
  expect(frames).toHaveLength(1);
});

test("says what was put off in its order, and nothing before it that came later", async () => {
  const room = await beginOpen();
  room.send("a", "하나");
  room.send("b", "둘");
  room.send("c", "셋");
  last().tell(refusal("b", "busy"));
  last().tell(refusal("a", "busy"));
  room.send("d", "넷");
  last().tell(echo("c"));
  expect(last().said).toEqual(["a", "b", "c"]);
  await wait(500);
  expect(last().said).toEqual(["a", "b", "c", "a", "b", "d"]);
});

test("does not say again what was given up while it was put off", async () => {
  const room = await beginOpen();
  room.send("a", "하나");
  last().tell(refusal("a", "unavailable"));
  room.forget("a");
  await wait(60 * second);
  expect(last().said).toEqual(["a"]);
});

test("still notices that a line swallows one message while another is put off", async () => {
  const room = await beginOpen();
  room.send("a", "하나");
  room.send("b", "둘");
  last().tell(refusal("a", "busy"));
  await wait(500);
  last().tell(echo("a"));
  await wait(12 * second);
  expect(FakeSocket.all).toHaveLength(2);
});

test("says at once on a new line what was put off on the last one", async () => {
  const room = await beginOpen();
  room.send("a", "하나");
  for (let i = 0; i < 3; i += 1) {
    last().tell(refusal("a", "unavailable"));
    await wait(0.5 * second * 2 ** i);
  }
  last().tell(refusal("a", "unavailable")); // four seconds
  last().end(1006);
  await wait(500);
  last().open();
  expect(last().said).toEqual(["a"]);
  last().tell(echo("a"));
  await wait(10 * second);
  expect(last().said).toEqual(["a"]);
  room.close();
  await wait(10 * second);
  expect(FakeSocket.all).toHaveLength(2);
});

test("has no more than five messages under way", async () => {
  const room = await beginOpen();
  for (let i = 0; i < 8; i += 1) room.send(String(i), "말");
  expect(last().said).toEqual(["0", "1", "2", "3", "4"]);
  last().tell(echo("0"));
  expect(last().said).toHaveLength(6);
});

test("takes a new line if what is said is not acknowledged", async () => {
  const room = await beginOpen();
  room.send("a", "하나");
  await wait(12 * second);
  last().open();
  expect(FakeSocket.all).toHaveLength(2);
  expect(last().said).toEqual(["a"]);
});

test("does not let who speaks wait for the next try", async () => {
  const room = await beginOpen();
  for (let i = 0; i < 6; i += 1) {
    last().end(1006);
    await wait(20 * second);
  }
  last().end(1006);
  const before = FakeSocket.all.length;
  await wait(4 * second);
  room.send("a", "하나");
  await wait(0);
  expect(FakeSocket.all).toHaveLength(before + 1);
});

test("does not trip over what it cannot read", async () => {
  await beginOpen();
  last().onmessage?.call(last() as never, new MessageEvent("message", { data: "{half" }));
  last().tell(null);
  last().tell(7);
  last().tell({});
  last().tell({ type: 7 });
  last().tell({ type: "chat.message" });
  last().tell({ type: "chat.message", message: null });
  expect(frames).toEqual([]);
  last().tell(echo("a", 2));
  expect(frames).toHaveLength(1);
});

test("hears entries of kinds that only a newer server knows, and nothing else of it", async () => {
  await beginOpen();
  const poll = { type: "chat.poll", message: { ...echo("a", 2).message, type: "chat.poll", user: null, message: "", poll: {} } };
  last().tell(poll);
  last().tell({ type: "chat.typing", user_id: 2 });
  last().tell({ type: "chat.typing", message: { text: "…" } });
  last().tell({ type: "wallet.changed", message: { seq: 8 } });
  expect(frames).toEqual([poll]);
});
