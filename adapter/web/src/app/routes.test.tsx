import { act, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createBrowserRouter, RouterProvider } from "react-router";
import { beforeEach, expect, test, vi } from "vitest";
import { begin, end } from "../api/session";
import { readDraft, writeDraft } from "../api/storage";
import { suggestion, weather } from "../features/menu/fixture";
import { paginator, post } from "../features/party/fixture";
import { ann, http, HttpResponse, problem, server } from "../test/server";
import { routes } from "./routes";

beforeEach(() => {
  server.use(
    http.post("*/api/user/refresh/", () => HttpResponse.json({ user: ann })),
    http.get("*/api/openAPI/", () => HttpResponse.json({ weather: false })),
    http.get("*/api/post/", () =>
      HttpResponse.json({ posts: [], paginator: { page_range: [1], current_page: 1, prev_button: null, next_button: null } }),
    ),
  );
});

function open(at: string) {
  window.history.replaceState(null, "", at);
  render(<RouterProvider router={createBrowserRouter(routes)} />);
  return userEvent.setup();
}

const here = () => location.pathname + location.search;

test("a stranger is led to the sign-in, and then to where they wanted", async () => {
  const user = open("/me/password?x=1");
  expect(await screen.findByRole("heading", { name: "로그인" })).toBeVisible();
  expect(here()).toBe("/signin?next=%2Fme%2Fpassword%3Fx%3D1");
  server.use(http.post("*/api/user/login/", () => HttpResponse.json({ user: ann })));
  await user.type(await screen.findByLabelText("이메일"), "ann@example.com");
  await user.type(screen.getByLabelText("비밀번호"), "test1234{Enter}");
  expect(await screen.findByRole("heading", { name: "비밀번호 바꾸기" })).toBeVisible();
  expect(here()).toBe("/me/password?x=1");
});

test("who is signed in comes to the board", async () => {
  begin(ann);
  open("/");
  await waitFor(() => expect(here()).toBe("/board"));
});

test("who signs out comes to the first page, not to the sign-in", async () => {
  begin(ann);
  open("/me");
  expect(await screen.findByRole("heading", { name: "내 정보" })).toBeVisible();
  act(() => end());
  await waitFor(() => expect(here()).toBe("/"));
});

test("whose sign-in was ended from elsewhere is told so, keeps the drafts, and can come back", async () => {
  begin(ann);
  server.use(
    http.post("*/api/user/refresh/", () => problem(401, "not_signed_in")),
    http.get("*/api/post/", () => problem(401, "not_signed_in")),
  );
  writeDraft(1, "new-post", {});
  open("/board?page=2");
  expect(await screen.findByText(/^다른 기기에서 로그아웃됐어요/)).toBeVisible();
  expect(here()).toBe("/signin?next=%2Fboard%3Fpage%3D2");
  expect(readDraft(1, "new-post")).toEqual({});
});

test("focus and title follow a navigation", async () => {
  begin(ann);
  const user = open("/me");
  await user.click(await screen.findByRole("link", { name: "비밀번호 바꾸기" }));
  const heading = await screen.findByRole("heading", { name: "비밀번호 바꾸기" });
  await waitFor(() => expect(heading).toHaveFocus());
  expect(document.title).toBe("비밀번호 바꾸기 · 밀버디");
});

test.each(["/nowhere", "/posts/abc", "/posts/0", "/rooms/1x"])("%s is said not to be there", async (at) => {
  begin(ann);
  open(at);
  expect(await screen.findByRole("heading", { name: "찾는 페이지가 없어요" })).toBeVisible();
  expect(screen.getAllByRole("main")).toHaveLength(1);
});

test("a stranger at a wrong address still sees where they are", async () => {
  open("/nowhere");
  expect(await screen.findByRole("heading", { name: "찾는 페이지가 없어요" })).toBeVisible();
  expect(screen.getByRole("banner")).toContainElement(screen.getByRole("link", { name: "밀버디 처음으로" }));
  expect(screen.getAllByRole("main")).toHaveLength(1);
});

const broken = vi.hoisted(() => ({ page: false }));
vi.mock("./pages/Devices", () => ({
  default() {
    if (broken.page) throw new Error("no");
    return <h1>기기</h1>;
  },
}));

test("a page that breaks shows the error page within the frame, until one goes elsewhere", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  broken.page = true;
  begin(ann);
  const user = open("/me/devices");
  expect(await screen.findByRole("heading", { name: "문제가 생겼어요" })).toBeVisible();
  expect(screen.getAllByRole("main")).toHaveLength(1);
  await user.click(screen.getByRole("link", { name: "밀버디 처음으로" }));
  expect(await screen.findByRole("heading", { name: /역삼동/ })).toBeVisible();
});

test("from what to eat one comes to a post that is begun", async () => {
  begin(ann);
  server.use(http.get("*/api/openAPI/foodchoicer/", () => HttpResponse.json(suggestion())));
  const user = open("/board");
  await user.click(await screen.findByRole("button", { name: "뭐 먹지?" }));
  await user.click(await screen.findByRole("button", { name: "메뉴 추천받기" }));
  await user.click(await screen.findByRole("link", { name: "짬뽕 이 메뉴로 모집하기" }));
  const heading = await screen.findByRole("heading", { name: "글쓰기" });
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await waitFor(() => expect(heading).toHaveFocus());
  expect(await screen.findByDisplayValue("짬뽕 같이 시켜요")).toBeVisible();
  expect(screen.getByRole("radio", { name: "중식" })).toBeChecked();

  // What was recommended is still there, and another one takes the place of it.
  await user.click(screen.getByRole("button", { name: "메뉴 추천" }));
  // By its words: to look through both screens for a role takes too long.
  await user.click((await screen.findByText("감자탕", { selector: "a .sr-only" })).closest("a")!);
  expect(await screen.findByDisplayValue("감자탕 같이 시켜요")).toBeVisible();
  await waitFor(() => expect(here()).toBe("/posts/new"));
});

test("the weather waits until the board is there", async () => {
  begin(ann);
  const asked: string[] = [];
  let answer = () => {};
  server.use(
    http.get("*/api/openAPI/", () => HttpResponse.json({ weather: true })),
    http.get("*/api/openAPI/weather/", () => {
      asked.push("weather");
      return HttpResponse.json(weather());
    }),
    http.get("*/api/post/", async () => {
      asked.push("board");
      await new Promise<void>((resolve) => (answer = resolve));
      asked.push("posts");
      return HttpResponse.json({ posts: [post()], paginator: paginator() });
    }),
  );
  vi.useFakeTimers({ shouldAdvanceTime: true, now: Date.now() });
  open("/board");
  await waitFor(() => expect(asked).toEqual(["board"]));
  // Long enough for whoever would not wait.
  for (let i = 0; i < 4; i += 1) {
    await act(() => vi.advanceTimersByTimeAsync(500));
    await act(() => vi.dynamicImportSettled());
  }
  answer();
  expect(await screen.findByRole("button", { name: "날씨 21° 흐림" })).toBeVisible();
  expect(asked.slice(0, 3)).toEqual(["board", "posts", "weather"]);
});

test("says when the network is gone", async () => {
  begin(ann);
  open("/me");
  await screen.findByRole("heading", { name: "내 정보" });
  vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
  act(() => void window.dispatchEvent(new Event("offline")));
  expect(screen.getByText(/인터넷 연결이 끊겼어요/)).toBeVisible();
});
