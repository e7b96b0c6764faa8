import { expect, test } from "vitest";
import { bob, line, lines, me, notice, postNotice, room, unknown } from "./fixture";
import { begin, reduce, type Event, type Outgoing, type Talk } from "./talk";

const said = (clientId: string, text = "안녕"): Outgoing => ({ clientId, text, at: 0, failed: null });
const seqs = (talk: Talk) => talk.lines.map((m) => m.seq);
const after = (talk: Talk, ...events: Event[]) => events.reduce(reduce, talk);
const heard = (message: Talk["lines"][number]): Event => ({ type: "received", message });

test("takes lines in order, and each of them once", () => {
  const talk = after(begin(room(lines(1, 3)), 1), heard(line(4)), heard(line(4)), heard(line(2)), heard(line(5)));
  expect(seqs(talk)).toEqual([1, 2, 3, 4, 5]);
  expect(talk.head).toBe(5);
});

test("holds back what comes behind a hole until the hole is filled", () => {
  const hole = after(begin(room(lines(1, 3)), 1), heard(line(6)), heard(line(6)), heard(line(5)));
  expect(seqs(hole)).toEqual([1, 2, 3]);
  expect(hole.head).toBe(3);
  expect(hole.ahead.map((m) => m.seq)).toEqual([5, 6]);
  const filled = after(hole, { type: "after", after: 3, room: room([line(4)], { last_seq: 6, has_more: true }) });
  expect(seqs(filled)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(filled.ahead).toEqual([]);
});

test("fills a hole also with pages that overlap, come late or come twice", () => {
  const hole = after(begin(room(lines(1, 3)), 1), heard(line(9)));
  const page: Event = { type: "after", after: 3, room: room(lines(4, 7), { last_seq: 9, has_more: true }) };
  const partly = after(hole, page, page);
  expect(seqs(partly)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(partly.ahead).toHaveLength(1);
  const filled = after(partly, { type: "after", after: 7, room: room(lines(8, 9)) }, page);
  expect(seqs(filled)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(filled.ahead).toEqual([]);
});

test("does not take a page that begins beyond what it knows", () => {
  const talk = begin(room(lines(1, 3)), 1);
  expect(after(talk, { type: "after", after: 5, room: room(lines(6, 7)) })).toBe(talk);
});

test("notices that the newest page, read again, does not follow", () => {
  const talk = after(begin(room(lines(1, 3)), 1), { type: "newest", room: room(lines(10, 12), { title: "새 제목" }) });
  expect(seqs(talk)).toEqual([1, 2, 3]);
  expect(talk.ahead).toHaveLength(3);
  expect(talk.title).toBe("새 제목");
});

test("puts older pages before the first line", () => {
  const talk = after(begin(room(lines(5, 7), { has_more: true }), 1), { type: "before", room: room(lines(2, 4), { has_more: true }) });
  expect(seqs(talk)).toEqual([2, 3, 4, 5, 6, 7]);
  expect(talk.more).toBe(true);
  expect(after(talk, { type: "before", room: room([line(1), line(2)]) }).more).toBe(false);
});

test("begins anew when the room is not what it was, and keeps what I said", () => {
  const talk = after(begin(room(lines(1, 9)), 1), { type: "sent", message: said("a") }, { type: "reset", room: room(lines(1, 4)) }, heard(line(5)));
  expect(seqs(talk)).toEqual([1, 2, 3, 4, 5]);
  expect(talk.outgoing).toHaveLength(1);
});

test("keeps what I say behind the others until the room says it back", () => {
  let talk = after(begin(room([line(1)]), 1), { type: "sent", message: said("a") }, { type: "sent", message: said("b") }, heard(line(2)));
  expect(talk.outgoing.map((m) => m.clientId)).toEqual(["a", "b"]);
  talk = after(talk, heard(line(3, bob, { client_id: "a" }))); // not mine, whatever it is called
  expect(talk.outgoing).toHaveLength(2);
  talk = after(talk, heard(line(4, me, { client_id: "a" })));
  expect(seqs(talk)).toEqual([1, 2, 3, 4]);
  expect(talk.outgoing.map((m) => m.clientId)).toEqual(["b"]);
});

test("settles what was stored long ago and is answered again", () => {
  const talk = after(begin(room(lines(4, 6)), 1), { type: "sent", message: said("a") }, heard(line(2, me, { client_id: "a" })));
  expect(talk.outgoing).toEqual([]);
  expect(seqs(talk)).toEqual([4, 5, 6]);
});

test("settles what an earlier page left unsent if the room has it", () => {
  const talk = begin(room([line(1), line(2, me, { client_id: "a" })]), 1, [said("a"), said("b")]);
  expect(talk.outgoing.map((m) => m.clientId)).toEqual(["b"]);
});

test("marks what was refused, says it again last, and lets it go", () => {
  let talk = after(
    begin(room([line(1)]), 1),
    { type: "sent", message: said("a") },
    { type: "sent", message: said("b") },
    { type: "refused", clientId: "a", code: "unavailable", detail: "나중에요." },
  );
  expect(talk.outgoing[0]?.failed).toEqual({ code: "unavailable", detail: "나중에요." });
  talk = after(talk, { type: "retried", clientId: "a", as: "a" });
  expect(talk.outgoing.map((m) => [m.clientId, m.failed])).toEqual([["b", null], ["a", null]]);
  expect(after(talk, { type: "discarded", clientId: "a" }).outgoing.map((m) => m.clientId)).toEqual(["b"]);
});

test("counts who comes and goes, once", () => {
  let talk = begin(room([line(1)]), 1);
  talk = after(talk, heard(notice(2, "join")), heard(notice(2, "join")));
  expect(talk.seats).toEqual({ taken: 3, of: 4 });
  talk = after(talk, heard(notice(3, "leave")));
  expect(talk.seats.taken).toBe(2);
  expect(talk.changed).toBe(3);
  // Read again: counted by the server up to 5, of which 4 and 5 were not heard yet.
  talk = after(talk, { type: "newest", room: room([line(1), notice(2, "join"), notice(3, "leave"), notice(4, "join"), notice(5, "join")], { join_number: 4 }) });
  expect(talk.seats.taken).toBe(4);
  expect(after(talk, heard(notice(6, "leave"))).seats.taken).toBe(3);
});

test("does not believe an old count", () => {
  const talk = after(begin(room([line(1)]), 1), heard(notice(2, "join")), { type: "newest", room: room([line(1)], { join_number: 2, title: "옛 제목" }) });
  expect(talk.seats.taken).toBe(3);
  expect(talk.title).toBe("치킨 같이 시켜요");
});

test("counts who came between the count and the reading of the lines", () => {
  expect(begin(room([line(1), notice(2, "join")], { last_seq: 1 }), 1).seats.taken).toBe(3);
});

test("knows what the post is now as soon as the room hears of it", () => {
  let talk = after(begin(room([line(1)]), 1), heard(postNotice(2, "edited", { title: "피자", target_number: 6, writer_id: 3, join_number: 3 })));
  expect(talk).toMatchObject({ title: "피자", writer: 3, seats: { taken: 3, of: 6 }, changed: 2 });
  talk = after(talk, heard(notice(3, "join")));
  expect(talk).toMatchObject({ seats: { taken: 4, of: 6 }, changed: 3 });
  // Said before the last join, though heard again now.
  expect(after(talk, heard(postNotice(2, "edited")))).toBe(talk);
});

test("catches up with what the post has become, in order", () => {
  const missed = [notice(2, "join"), postNotice(3, "resized", { target_number: 5, join_number: 3 }), notice(4, "leave"), postNotice(5, "edited", { title: "피자", target_number: 5 })];
  const live = after(begin(room([line(1)]), 1), heard(postNotice(6, "closed", { title: "피자", target_number: 5 })), ...missed.slice(0, 3).map(heard));
  expect(live).toMatchObject({ title: "치킨 같이 시켜요", seats: { taken: 2, of: 5 }, changed: 4 });
  expect(after(live, heard(missed[3]!))).toMatchObject({ title: "피자", seats: { taken: 2, of: 5 }, changed: 6 });
});

test("does not take an old state of the post for the present one", () => {
  const old = postNotice(2, "edited", { title: "옛 제목", target_number: 9, join_number: 1, writer_id: 9 });
  const now = { title: "피자", target_number: 5, join_number: 3, last_seq: 3 };
  const resumed = after(begin(room([line(1)]), 1), { type: "after", after: 1, room: room([old, line(3)], now) });
  expect(resumed).toMatchObject({ title: "피자", writer: 2, seats: { taken: 3, of: 5 }, changed: 2 });
  expect(begin(room([line(1), old, line(3)], now), 1)).toMatchObject({ title: "피자", seats: { taken: 3, of: 5 }, changed: 3 });
  // Read between the count and the lines.
  expect(begin(room([line(1), postNotice(2, "edited", { title: "새 제목" })], { last_seq: 1 }), 1)).toMatchObject({ title: "새 제목", changed: 2 });
});

test("keeps a place for kinds that it does not know, and counts nobody by them", () => {
  const talk = after(begin(room([line(1)]), 1), heard(unknown(2, "")), heard(unknown(3, "투표가 열렸어요.")), heard(postNotice(4, "x", {})), heard({ ...postNotice(5, "closed"), post: undefined } as never));
  expect(seqs(talk)).toEqual([1, 2, 3, 4, 5]);
  expect(talk.ahead).toEqual([]);
  expect(talk.seats).toEqual({ taken: 2, of: 4 });
  expect(talk.changed).toBe(4);
});

test("begins in an empty room", () => {
  const talk = begin(room([]), 1);
  expect(seqs(after(talk, heard(notice(1, "join"))))).toEqual([1]);
});
