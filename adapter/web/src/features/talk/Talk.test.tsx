import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { ws, type WebSocketHandlerConnection } from "msw";
import { beforeEach, expect, test, vi } from "vitest";
import type { Schemas } from "../../api/client";
import { keys } from "../../api/keys";
import { begin } from "../../api/session";
import { show } from "../../test/render";
import { ann, http, HttpResponse, problem, server } from "../../test/server";
import { bob, cho, kicked, line, me, notice, postNotice, room, unknown } from "./fixture";
import { Talk } from "./Talk";

Element.prototype.scrollTo = () => {};

const socket = ws.link("ws://localhost:3000/ws/chat/1/");

/** A room that stores what is said, as the server does. */
let log: Schemas["Message"][];
let clients: WebSocketHandlerConnection["client"][];
let down: boolean;
let deaf: boolean;
let refuse: { code: string; detail: string } | null;

function tell(message: Schemas["Message"], user_id = 3) {
  log.push(message);
  const frame = { type: message.type, message, ...(message.user ? {} : { user_id }) };
  act(() => clients.forEach((client) => client.send(JSON.stringify(frame))));
}

function members(...people: Schemas["Person"][]) {
  server.use(
    http.get("*/api/chat/1/user/", () =>
      HttpResponse.json(people.map((p) => ({ ...p, is_writer: p.id === people[0]!.id, joined_at: "2026-11-22T03:00:00Z", user: p }))),
    ),
  );
}

function enter(messages: Schemas["Message"][], part: Partial<Schemas["Room"]> = {}) {
  log = [...messages];
  server.use(
    http.get("*/api/chat/1/", ({ request }) => {
      const after = new URL(request.url).searchParams.get("after");
      const page = after === null ? log : log.filter((m) => m.seq > Number(after));
      return HttpResponse.json(room(page, { last_seq: log.at(-1)?.seq ?? 0, ...part }));
    }),
  );
  return show(<Talk id={1} />, { at: "/rooms/1", path: "/rooms/:id" });
}

const field = () => screen.findByRole<HTMLTextAreaElement>("textbox", { name: "메시지 쓰기" });
const connected = () => waitFor(() => expect(clients.length).toBeGreaterThan(0));
const texts = () => Array.from(screen.getByRole("log").querySelectorAll("p"), (p) => p.textContent);

beforeEach(() => {
  clients = [];
  down = false;
  deaf = false;
  refuse = null;
  vi.spyOn(Math, "random").mockReturnValue(0);
  server.use(
    http.post("*/api/user/refresh/", () => HttpResponse.json({ user: ann })),
    http.post("*/api/chat/1/ticket/", () => HttpResponse.json({ ticket: "one", expires_in: 30 }, { status: 201 })),
    socket.addEventListener("connection", ({ client }) => {
      if (down) return client.close(1011);
      clients.push(client);
      client.addEventListener("close", () => {
        clients = clients.filter((c) => c !== client);
      });
      const after = Number(client.url.searchParams.get("after"));
      for (const m of log) if (m.seq > after) client.send(JSON.stringify({ type: m.type, message: m }));
      client.addEventListener("message", ({ data }) => {
        if (deaf) return;
        const said = JSON.parse(data as string) as { message: string; client_id: string };
        if (refuse) return client.send(JSON.stringify({ type: "error", ...refuse, client_id: said.client_id }));
        const stored = log.find((m) => m.client_id === said.client_id);
        if (stored) return client.send(JSON.stringify({ type: "chat.message", message: stored }));
        tell(line((log.at(-1)?.seq ?? 0) + 1, me, { message: said.message, client_id: said.client_id }));
      });
    }),
  );
});

test("shows the talk with days, names, notices and times", async () => {
  enter([line(1), line(2, bob, { created_at: line(1).created_at }), notice(3, "join"), line(4, me)]);
  const talk = await screen.findByRole("log", { name: "대화" });
  expect(within(talk).getByText("2026년 11월 22일 일요일")).toBeVisible();
  expect(within(talk).getByText("초롱 님이 들어왔어요.")).toBeVisible();
  expect(within(talk).getAllByText("보라")).toHaveLength(2); // the second for readers only
  expect(within(talk).getAllByText(/^오[전후] \d+:\d\d$/)).toHaveLength(2);
  expect(screen.getByRole("heading", { name: /치킨 같이 시켜요/ })).toHaveTextContent("2/4명");
  expect(screen.getByRole("link", { name: "치킨 같이 시켜요" })).toHaveAttribute("href", "/posts/1");
});

test("follows what others say, and how many they are", async () => {
  enter([line(1)]);
  await connected();
  tell(line(2, bob, { message: "새 소식" }));
  expect(await screen.findByText("새 소식")).toBeVisible();
  tell(notice(3, "join"));
  await waitFor(() => expect(screen.getByRole("heading", { name: /치킨/ })).toHaveTextContent("3/4명"));
});

test("shows what has become of the post, here and on the screens behind", async () => {
  const { cache } = enter([line(1)]);
  await connected();
  let read = 0;
  await cache.prefetchQuery({ queryKey: keys.post(1), queryFn: () => (read += 1) });
  cache.setQueryData(keys.board("역삼동", null, "recruiting", 1), "a page");
  const stale = () => [keys.post(1), keys.board("역삼동", null, "recruiting", 1)].map((queryKey) => cache.getQueryState(queryKey)?.isInvalidated);
  tell(line(2));
  tell(unknown(3, "투표가 열렸어요."));
  tell(unknown(4, ""));
  expect(await screen.findByText("투표가 열렸어요.")).toBeVisible();
  expect(stale()).toEqual([false, false]);

  tell(postNotice(5, "resized", { title: "피자 같이 시켜요", target_number: 6, join_number: 2 }));
  expect(await screen.findByText("모집 인원이 6명으로 바뀌었어요.")).toBeVisible();
  expect(screen.getByRole("heading", { name: /피자 같이 시켜요/ })).toHaveTextContent("2/6명");
  await waitFor(() => expect(stale()).toEqual([true, true]));
  tell(notice(6, "join"));
  await waitFor(() => expect(screen.getByRole("heading", { name: /피자/ })).toHaveTextContent("3/6명"));
  // Screens behind are read when they are shown.
  expect(read).toBe(1);
});

test("hands the room over to the next writer", async () => {
  members(bob, me);
  const { user } = enter([line(1)]);
  await connected();
  await user.click(screen.getByRole("button", { name: "참여자 2명 보기" }));
  const sheet = await screen.findByRole("dialog", { name: "참여자" });
  const writer = () => within(sheet).getByText("글쓴이").closest("li");
  expect(await within(sheet).findByText("보라")).toBeVisible();
  expect(writer()).toHaveTextContent("보라");
  members(me, cho);
  tell(notice(2, "leave", "탈퇴한 사용자"));
  tell(postNotice(3, "succeeded", { writer_id: me.id, join_number: 2, is_compelete: true, closed_by_writer: true }));
  expect(await within(sheet).findByRole("button", { name: "채팅방 삭제" })).toBeVisible();
  expect(within(sheet).queryByRole("button", { name: "채팅방 나가기" })).toBeNull();
  expect(await within(sheet).findByRole("button", { name: "초롱 님 내보내기" })).toBeVisible();
  await waitFor(() => expect(writer()).toHaveTextContent("앤"));
  expect(screen.getByText("글쓴이가 탈퇴해서 이제 내가 이어서 이끌어요.")).toBeInTheDocument();
});

test("never makes more of a message than text and links", async () => {
  enter([line(1, bob, { message: "<img src=x onerror=alert(1)> https://example.com/a javascript:alert(1)" })]);
  const link = await screen.findByRole("link", { name: "https://example.com/a" });
  expect(link).toHaveAttribute("rel", "noopener noreferrer nofollow ugc");
  expect(link.closest("p")).toHaveTextContent("<img src=x onerror=alert(1)>");
  expect(screen.getByRole("log").querySelector("img")).toBeNull();
});

test("shows what I say at once, and once", async () => {
  const { user } = enter([line(1)]);
  await connected();
  deaf = true;
  await user.type(await field(), "저요!{Enter}");
  expect(screen.getByText("저요!")).toBeVisible();
  expect(screen.getByRole("img", { name: "보내는 중" })).toBeVisible();
  expect(await field()).toHaveValue("");
  expect(await field()).toHaveFocus();
  deaf = false;
  act(() => clients[0]!.close(1001));
  await waitFor(() => expect(screen.queryByRole("img", { name: "보내는 중" })).toBeNull());
  expect(texts()).toEqual(["말 1", "저요!"]);
});

test("sends in order what was typed while the line was away", async () => {
  const { user } = enter([line(1)]);
  await connected();
  vi.mocked(Math.random).mockReturnValue(1);
  down = true;
  act(() => clients[0]!.close(1001));
  for (const words of ["하나", "둘", "셋"]) await user.type(await field(), `${words}{Enter}`);
  log.push(line(2, bob, { message: "그 사이에" }));
  expect(screen.getAllByRole("img", { name: "보내는 중" })).toHaveLength(3);
  down = false;
  act(() => void window.dispatchEvent(new Event("online")));
  await waitFor(() => expect(screen.queryByRole("img", { name: "보내는 중" })).toBeNull());
  expect(texts()).toEqual(["말 1", "그 사이에", "하나", "둘", "셋"]);
});

test("says that the line is lost, and takes another on request", async () => {
  const { user } = enter([line(1)]);
  await connected();
  vi.mocked(Math.random).mockReturnValue(1);
  down = true;
  act(() => clients[0]!.close(1011));
  expect(screen.queryByText(/연결이 끊겼어요/)).toBeNull(); // not for the blink of an eye
  expect(await screen.findByText("연결이 끊겼어요. 다시 연결하는 중…", {}, { timeout: 4000 })).toBeVisible();
  down = false;
  await user.click(screen.getByRole("button", { name: "다시 연결" }));
  await waitFor(() => expect(screen.queryByText(/연결이 끊겼어요/)).toBeNull());
});

test("ends above a keyboard that covers the page", async () => {
  const view = Object.assign(new EventTarget(), { height: innerHeight, scale: 1 });
  vi.stubGlobal("visualViewport", view);
  enter([line(1)]);
  const top = () => screen.getByRole("log").closest<HTMLElement>("[style]")!.style.getPropertyValue("--frame-top");
  await field();
  expect(top()).toBe("0px");
  act(() => {
    view.height = innerHeight - 300;
    view.dispatchEvent(new Event("resize"));
  });
  expect(top()).toBe("300px");
  vi.stubGlobal("visualViewport", undefined);
});

test("offers to send again what was refused, or to let it go", async () => {
  const { user } = enter([line(1)]);
  await connected();
  refuse = { code: "internal", detail: "지금은 보낼 수 없어요." };
  await user.type(await field(), "첫째{Enter}");
  await user.type(await field(), "둘째{Enter}");
  await waitFor(() => expect(screen.getAllByText("지금은 보낼 수 없어요.")).toHaveLength(2));
  await user.click(screen.getAllByRole("button", { name: "지우기" })[1]!);
  expect(texts()).toEqual(["말 1", "첫째"]);
  refuse = null;
  await user.click(screen.getByRole("button", { name: "다시 보내기" }));
  await waitFor(() => expect(log.at(-1)?.message).toBe("첫째"));
  expect(texts()).toEqual(["말 1", "첫째"]);
});

test("does not send while a syllable is being composed", async () => {
  const { user } = enter([line(1)]);
  await connected();
  const box = await field();
  await user.type(box, "안녕");
  fireEvent.keyDown(box, { key: "Enter", isComposing: true });
  fireEvent.keyDown(box, { key: "Enter", keyCode: 229 });
  expect(box).toHaveValue("안녕");
  await user.keyboard("{Shift>}{Enter}{/Shift}");
  expect(box).toHaveValue("안녕\n");
  await user.keyboard("{Enter}");
  expect(box).toHaveValue("");
  await waitFor(() => expect(log.at(-1)?.message).toBe("안녕"));
});

test("lets Enter make a line where one types by touch", async () => {
  const { user } = enter([line(1)]);
  vi.stubGlobal("matchMedia", (query: string) => ({ matches: query.includes("coarse"), addEventListener() {}, removeEventListener() {} }));
  const box = await field();
  await user.type(box, "하나{Enter}둘");
  expect(box).toHaveValue("하나\n둘");
  await user.click(screen.getByRole("button", { name: "보내기" }));
  await waitFor(() => expect(log.at(-1)?.message).toBe("하나\n둘"));
  vi.stubGlobal("matchMedia", (query: string) => ({ matches: false, media: query, addEventListener() {}, removeEventListener() {} }));
});

test("sends nothing that is empty or too long", async () => {
  const { user } = enter([line(1)]);
  const box = await field();
  await user.type(box, "  {Enter}");
  expect(texts()).toEqual(["말 1"]);
  fireEvent.change(box, { target: { value: "가".repeat(950) } });
  expect(screen.getByText("950/1,000")).toBeVisible();
  fireEvent.change(box, { target: { value: "가".repeat(1001) } });
  expect(screen.getByText("메시지는 1,000자까지 보낼 수 있어요.")).toBeVisible();
  expect(screen.getByRole("button", { name: "보내기" })).toBeDisabled();
  fireEvent.change(box, { target: { value: "👨‍👩‍👧‍👦".repeat(100) } }); // 1,100 units, 100 letters
  expect(screen.getByRole("button", { name: "보내기" })).toBeEnabled();
});

test("keeps what was typed and what was not sent over a reload", async () => {
  const first = enter([line(1)]);
  await connected();
  deaf = true;
  await first.user.type(await field(), "아직 안 갔어요{Enter}");
  await first.user.type(await field(), "쓰다 만");
  first.unmount();
  deaf = false;
  const kept = [...log];
  enter(kept);
  expect(await field()).toHaveValue("쓰다 만");
  await waitFor(() => expect(log.at(-1)?.message).toBe("아직 안 갔어요"));
  await waitFor(() => expect(texts()).toEqual(["말 1", "아직 안 갔어요"]));
});

test("marks up to where one has read", async () => {
  localStorage.setItem("mealbuddy.read.1.1", "1");
  enter([line(1), line(2)]);
  expect(await screen.findByText("여기까지 읽었어요")).toBeVisible();
  await waitFor(() => expect(localStorage.getItem("mealbuddy.read.1.1")).toBe("2"));
});

test("what comes while one reads is read, and one's own line moves the mark", async () => {
  localStorage.setItem("mealbuddy.read.1.1", "2");
  enter([line(1), line(2)]);
  await connected();
  tell(line(3));
  expect(await screen.findByText("말 3")).toBeVisible();
  expect(screen.queryByText("여기까지 읽었어요")).toBeNull();
  await waitFor(() => expect(localStorage.getItem("mealbuddy.read.1.1")).toBe("3"));

  // What comes while one looks elsewhere is not.
  const visible = vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  act(() => void document.dispatchEvent(new Event("visibilitychange")));
  tell(line(4));
  expect(await screen.findByText("말 4")).toBeVisible();
  expect(screen.getByText("여기까지 읽었어요")).toBeVisible();
  log.push(line(3), line(4));
  visible.mockReturnValue("visible");
  act(() => void document.dispatchEvent(new Event("visibilitychange")));
  tell(line(5));
  expect(await screen.findByText("말 5")).toBeVisible();
  expect(screen.getByText("여기까지 읽었어요")).toBeVisible();
  // Said on another device.
  tell(line(6, me));
  await waitFor(() => expect(screen.queryByText("여기까지 읽었어요")).toBeNull());
  tell(line(7));
  expect(await screen.findByText("말 7")).toBeVisible();
  expect(screen.queryByText("여기까지 읽었어요")).toBeNull();
  visible.mockRestore();
});

test("fills a hole before it goes on", async () => {
  enter([line(1)]);
  await connected();
  log.push(line(2, bob, { message: "놓친 말" }));
  tell(line(3, bob, { message: "다음 말" }));
  expect(await screen.findByText("다음 말")).toBeVisible();
  expect(texts()).toEqual(["말 1", "놓친 말", "다음 말"]);
});

test("reads the room anew when it is told to", async () => {
  enter([line(1), line(2)]);
  await connected();
  log = [line(1, bob, { message: "되돌린 말" })];
  act(() => clients[0]!.send(JSON.stringify({ type: "chat.resync" })));
  expect(await screen.findByText("되돌린 말")).toBeVisible();
  expect(texts()).toEqual(["되돌린 말"]);
});

test("fetches what is older", async () => {
  let asked = "";
  enter([line(51)], { has_more: true });
  server.use(
    http.get("*/api/chat/1/", ({ request }) => {
      const before = new URL(request.url).searchParams.get("before");
      if (before === null) return HttpResponse.json(room([line(51)], { has_more: true }));
      asked = before;
      return HttpResponse.json(room([line(49), line(50)], { last_seq: 51 }));
    }),
  );
  expect(await screen.findByText("말 49")).toBeVisible();
  expect(asked).toBe("51");
  expect(texts()).toEqual(["말 49", "말 50", "말 51"]);
});

test("leaves the room, after a question", async () => {
  members(bob, me);
  const seen: (Element | null)[] = [];
  server.use(
    http.delete("*/api/chat/1/user/", async () => {
      act(() => clients[0]?.close(4403)); // the socket tells of it first
      await act(() => new Promise((go) => setTimeout(go, 50)));
      seen.push(screen.queryByText(/내보냈어요/));
      return new HttpResponse(null, { status: 204 });
    }),
  );
  const { user, here } = enter([line(1)]);
  await connected();
  await user.click(screen.getByRole("button", { name: "참여자 2명 보기" }));
  const sheet = await screen.findByRole("dialog", { name: "참여자" });
  expect(await within(sheet).findByText("글쓴이")).toBeVisible();
  expect(within(sheet).queryByRole("button", { name: /내보내기/ })).toBeNull();
  await user.click(within(sheet).getByRole("button", { name: "채팅방 나가기" }));
  await user.click(await screen.findByRole("button", { name: "나가기" }));
  await waitFor(() => expect(here()).toBe("/posts/1"));
  expect(seen).toEqual([null]);
  expect(await screen.findByText("채팅방에서 나왔어요.")).toBeVisible();
});

test("lets the writer send somebody away", async () => {
  members(me, bob, cho);
  let sentAway = 0;
  server.use(
    http.post("*/api/chat/1/user/ban/", async ({ request }) => {
      sentAway = ((await request.json()) as { target_user_id: number }).target_user_id;
      members(me, bob);
      tell(kicked(2));
      return new HttpResponse(null, { status: 204 });
    }),
  );
  const { user } = enter([line(1)], { writer: me, join_number: 3 });
  await connected();
  await user.click(screen.getByRole("button", { name: /참여자/ }));
  await user.click(await screen.findByRole("button", { name: "초롱 님 내보내기" }));
  const question = await screen.findByRole("alertdialog", { name: "초롱 님을 내보낼까요?" });
  await user.click(within(question).getByRole("button", { name: "내보내기" }));
  expect(await screen.findByText("초롱 님을 내보냈어요.")).toBeVisible();
  expect(sentAway).toBe(3);
  // The page is there for everybody again once the dialog is closed.
  expect(await screen.findByRole("heading", { name: /치킨/ })).toHaveTextContent("2/4명");
  await user.click(screen.getByRole("button", { name: /참여자/ }));
  const sheet = await screen.findByRole("dialog", { name: "참여자" });
  await waitFor(() => expect(within(sheet).queryByText("초롱")).toBeNull());
});

test("says why the room cannot be deleted, and deletes it", async () => {
  members(me, bob);
  server.use(http.delete("*/api/chat/1/", () => problem(503, "unavailable"), { once: true }));
  const { user, here } = enter([line(1)], { writer: me });
  await connected();
  await user.click(screen.getByRole("button", { name: /참여자/ }));
  await user.click(await screen.findByRole("button", { name: "채팅방 삭제" }));
  const question = await screen.findByRole("alertdialog");
  await user.click(within(question).getByRole("button", { name: "삭제하기" }));
  expect(await within(question).findByRole("alert")).toHaveTextContent("지금은 이용할 수 없어요");
  server.use(http.delete("*/api/chat/1/", () => new HttpResponse(null, { status: 204 })));
  await user.click(within(question).getByRole("button", { name: "삭제하기" }));
  await waitFor(() => expect(here()).toBe("/posts/1"));
});

test.each([
  [4403, "글쓴이가 채팅방에서 내보냈어요", "우리 동네로 가기"],
  [4040, "채팅방이 삭제됐어요", "글로 돌아가기"],
])("says why one was led away (%d)", async (code, words, way) => {
  enter([line(1)]);
  await connected();
  act(() => clients[0]!.close(code));
  expect(await screen.findByRole("alert")).toHaveTextContent(words);
  expect(screen.getByRole("link", { name: way })).toBeVisible();
  expect(screen.queryByRole("log")).toBeNull();
});

test("goes on here when too many windows were open", async () => {
  const { user } = enter([line(1)]);
  await connected();
  act(() => clients[0]!.close(1008));
  await user.click(await screen.findByRole("button", { name: "여기서 이어 보기" }));
  expect(await screen.findByRole("log")).toBeVisible();
  await connected();
});

test.each([
  [403, "not_a_member", "이 채팅방의 참여자가 아니에요", "글로 돌아가기"],
  [404, "post_not_found", "채팅방을 찾을 수 없어요", "우리 동네로 가기"],
  [410, "room_deleted", "채팅방이 삭제됐어요", "글로 돌아가기"],
] as const)("says why there is no room to see (%d)", async (status, code, words, way) => {
  enter([]);
  server.use(http.get("*/api/chat/1/", () => problem(status, code)));
  expect(await screen.findByRole("alert")).toHaveTextContent(words);
  expect(screen.getByRole("link", { name: way })).toBeVisible();
});

test("offers to try again when the room could not be read", async () => {
  server.use(http.get("*/api/chat/1/", () => problem(503, "unavailable")));
  begin(ann);
  const { user } = show(<Talk id={1} />, { at: "/rooms/1", path: "/rooms/:id" });
  const again = await screen.findByRole("button", { name: "다시 시도" });
  log = [line(1)];
  server.use(http.get("*/api/chat/1/", () => HttpResponse.json(room(log))));
  await user.click(again);
  expect(await screen.findByText("말 1")).toBeVisible();
});
