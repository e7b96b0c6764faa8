import { expect, test } from "vitest";
import { bob, cho, kicked, line, lines, me, notice, postNotice, unknown } from "./fixture";
import { blocksOf, dayWords, firstUnread, rowsOf, sameRows, timeWords, type Row } from "./rows";

const at = (...[day, hour, minute, second]: [number, number, number, number?]) => ({ created_at: new Date(2026, 10, day, hour, minute, second ?? 0).toISOString() });

/** Rows in short: who speaks, with ( for the first and ) for the last of a group. */
function short(rows: Row[]): string[] {
  return rows.map((row) => {
    switch (row.type) {
      case "said":
        return `${row.first ? "(" : ""}${row.line.seq}${row.last ? ")" : ""}`;
      case "outgoing":
        return `${row.first ? "(" : ""}${row.message.clientId}`;
      case "notice":
        return `!${row.seq}`;
      default:
        return row.type;
    }
  });
}

test("groups by person and minute", () => {
  const talk = [
    line(1, bob, at(22, 9, 0, 1)),
    line(2, bob, at(22, 9, 0, 59)),
    line(3, bob, at(22, 9, 1)),
    line(4, cho, at(22, 9, 1)),
    line(5, bob, at(22, 9, 1)),
  ];
  expect(short(rowsOf(talk, [], 1, null))).toEqual(["day", "(1", "2)", "(3)", "(4)", "(5)"]);
});

test("begins each day with its name, also within a minute's group", () => {
  const talk = [line(1, bob, at(21, 23, 59)), line(2, bob, at(22, 0, 0)), line(3, bob, at(22, 0, 0, 30))];
  const rows = rowsOf(talk, [], 1, null);
  expect(short(rows)).toEqual(["day", "(1)", "day", "(2", "3)"]);
  expect(dayWords(talk[1]!.created_at)).toBe("2026년 11월 22일 일요일");
  expect(timeWords(talk[0]!.created_at)).toBe("오후 11:59");
  expect(timeWords(talk[1]!.created_at)).toBe("오전 12:00");
});

test("is cut by those who come and go", () => {
  const same = at(22, 9, 0);
  const talk = [line(1, bob, same), { ...notice(2, "join"), ...same }, line(3, bob, same)];
  expect(short(rowsOf(talk, [], 1, null))).toEqual(["day", "(1)", "!2", "(3)"]);
});

test("words what it knows, and leaves the rest to the server", () => {
  const said = (message: ReturnType<typeof line>) => rowsOf([message], [], 1, null).flatMap((row) => (row.type === "notice" ? row.text : []));
  expect(said(postNotice(1, "edited"))).toEqual(["글이 수정됐어요."]);
  expect(said(postNotice(1, "resized", { target_number: 6 }))).toEqual(["모집 인원이 6명으로 바뀌었어요."]);
  expect(said(postNotice(1, "closed"))).toEqual(["모집을 마감했어요."]);
  expect(said(postNotice(1, "reopened"))).toEqual(["모집을 다시 시작했어요."]);
  expect(said(postNotice(1, "succeeded", { writer_id: 1 }))).toEqual(["글쓴이가 탈퇴해서 이제 내가 이어서 이끌어요."]);
  expect(said(postNotice(1, "succeeded"))).toEqual(["글이 달라졌습니다."]);
  expect(said(postNotice(1, "frozen"))).toEqual(["글이 달라졌습니다."]);
  expect(said({ ...postNotice(1, "edited"), post: undefined } as never)).toEqual(["글이 달라졌습니다."]);
  expect(said(notice(1, "join"))).toEqual(["초롱 님이 들어왔어요."]);
  expect(said(notice(1, "leave"))).toEqual(["초롱 님이 나갔어요."]);
  expect(said(notice(1, "join", "민수 님이 입장했습니다. 하늘"))).toEqual(["민수 님이 입장했습니다. 하늘 님이 들어왔어요."]);
  expect(said(kicked(1))).toEqual(["초롱 님을 내보냈어요."]);
  expect(said({ ...notice(1, "leave"), message: "초롱 님이 떠났어요." })).toEqual(["초롱 님이 떠났어요."]);
});

test("shows the sentence of a kind that it does not know, and nothing at all if there is none", () => {
  const same = at(22, 9, 0);
  const poll = { ...unknown(2, "투표가 열렸어요."), ...same };
  expect(short(rowsOf([line(1, bob, same), poll, line(3, bob, same)], [], 1, null))).toEqual(["day", "(1)", "!2", "(3)"]);
  const silent = { ...unknown(2, ""), ...same };
  expect(short(rowsOf([line(1, bob, same), silent, line(3, bob, same)], [], 1, null))).toEqual(["day", "(1", "3)"]);
  // It begins no day, and is nothing to read.
  expect(rowsOf([{ ...unknown(1, ""), ...at(21, 9, 0) }], [], 1, 0)).toEqual([]);
  expect(short(rowsOf([line(1, bob, same), silent, line(3, bob, same)], [], 1, 1))).toEqual(["day", "(1)", "unread", "(3)"]);
  // Also if somebody is said to have said it.
  expect(short(rowsOf([{ ...silent, user: bob }], [], 1, null))).toEqual([]);
});

test("marks up to where it was read", () => {
  const same = at(22, 9, 0);
  const talk = [line(1, bob, same), line(2, bob, same), line(3, me, same), line(4, bob, same)];
  expect(short(rowsOf(talk, [], 1, 1))).toEqual(["day", "(1)", "unread", "(2)", "(3)", "(4)"]);
  expect(short(rowsOf(talk, [], 1, 2))).toEqual(["day", "(1", "2)", "(3)", "unread", "(4)"]);
});

test("marks nothing where all is read, nothing is known, or the place is not loaded", () => {
  expect(firstUnread(lines(1, 4), 4, 1)).toBeNull();
  expect(firstUnread(lines(1, 4), null, 1)).toBeNull();
  expect(firstUnread(lines(5, 9), 3, 1)).toBeNull();
  expect(firstUnread(lines(5, 9), 4, 1)).toBe(5);
  expect(firstUnread([line(1), line(2, me)], 1, 1)).toBeNull();
});

test("lets what I am saying follow what I said", () => {
  const talk = [line(1, me, at(22, 9, 0))];
  const outgoing = ["a", "b"].map((clientId) => ({ clientId, text: "말", at: new Date(2026, 10, 22, 9, 5).getTime(), failed: null }));
  expect(short(rowsOf(talk, outgoing, 1, null))).toEqual(["day", "(1)", "a", "b"]);
  expect(short(rowsOf([line(1, bob, at(21, 9, 0))], outgoing, 1, null))).toEqual(["day", "(1)", "day", "(a", "b"]);
});

test("cuts blocks that stay the same when others come at either end", () => {
  const all = lines(1, 220);
  const rows = (from: number, to: number) => blocksOf(rowsOf(all.slice(from - 1, to), [], 1, null), 200);
  const before = rows(100, 210);
  const after = rows(61, 214);
  const of = (blocks: typeof before, key: string) => blocks.find((b) => b.key === key)!.rows;
  expect(sameRows(of(before, "past3"), of(after, "past3"))).toBe(true);
  expect(sameRows(of(before, "live5"), of(after, "live5"))).toBe(false);
  expect(before.filter((b) => b.live).flatMap((b) => b.rows.map((r) => r.seq))[0]).toBe(201);
  expect(after.flatMap((b) => b.rows).filter((r) => r.type === "said")).toHaveLength(154);
});
