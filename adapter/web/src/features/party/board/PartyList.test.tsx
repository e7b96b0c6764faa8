import { screen, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { Schemas } from "../../../api/client";
import { show } from "../../../test/render";
import { ann, http, HttpResponse, problem, server } from "../../../test/server";
import { paginator, post } from "../fixture";
import { PartyList } from "./PartyList";

/** Answers with what `page` makes of the query; returns all that was asked. */
function serve(page: (query: URLSearchParams) => Partial<Schemas["PostPage"]>) {
  const asked: string[] = [];
  server.use(
    http.get("*/api/post/", ({ request }) => {
      const { searchParams } = new URL(request.url);
      asked.push(String(searchParams));
      return HttpResponse.json({ posts: [], paginator: paginator(), ...page(searchParams) });
    }),
  );
  return asked;
}

const moved = vi.fn();
const board = (at = "/board") => show(<PartyList onMove={moved} />, { at });

test("shows the posts of my neighbourhood, each as one link", async () => {
  serve(() => ({ posts: [post(), post({ id: 2, title: "피자 한 판", category: "피자", is_compelete: true, writer: ann })] }));
  const { user } = board();
  expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("서울특별시 강남구 역삼동");
  await user.click(screen.getByRole("button", { name: /동네 바꾸기/ }));
  expect(moved).toHaveBeenCalledTimes(1);
  expect(await screen.findByRole("link", { name: "치킨 같이 시켜요" })).toHaveAttribute("href", "/posts/1");
  const [first, second] = screen.getAllByRole("listitem");
  expect(first).toHaveTextContent("치킨 · 5분 전");
  expect(first).toHaveTextContent("저녁 7시에 시켜요.");
  expect(first).toHaveTextContent("모집 중");
  expect(first).toHaveTextContent("2/4명");
  expect(first).toHaveTextContent("베아");
  expect(within(first!).getByRole("img", { name: "4명 중 2명 참여" })).toBeInTheDocument();
  expect(second).toHaveTextContent("모집 완료");
  expect(second).toHaveTextContent("내 글");
  expect(document.title).toBe("역삼동 · 밀버디");
});

test("filters by category in the address, and goes back to page 1", async () => {
  const asked = serve((query) => ({ posts: [post({ category: query.get("category") === "피자" ? "피자" : "치킨", title: `글: ${query.get("category") ?? "모두"}` })] }));
  const { user, here } = board("/board?page=3");
  const kinds = within(screen.getByRole("navigation", { name: "음식 종류" }));
  expect(kinds.getAllByRole("link")).toHaveLength(15);
  expect(kinds.getByRole("link", { name: "모든 음식" })).toHaveAttribute("aria-current", "true");
  await user.click(kinds.getByRole("link", { name: "피자" }));
  expect(here()).toBe(`/board?${new URLSearchParams({ category: "피자" })}`);
  expect(await screen.findByText("글: 피자")).toBeInTheDocument();
  expect(asked).toEqual(["state=recruiting&page=3", String(new URLSearchParams({ category: "피자", state: "recruiting" }))]);
  expect(kinds.getByRole("link", { name: "피자" })).toHaveAttribute("aria-current", "true");
});

test("takes category and page from the address, and forgives nonsense", async () => {
  const asked = serve(() => ({ posts: [post()] }));
  board(`/board?${new URLSearchParams({ category: "없는 것", page: "-2", state: "?" })}`);
  await screen.findByText("치킨 같이 시켜요");
  expect(asked).toEqual(["state=recruiting"]);
});

test("asks the server for a state, and keeps it in the address", async () => {
  const asked = serve((query) => ({ posts: [post({ title: `글: ${query.get("state") ?? "모두"}` })] }));
  const { user, here } = board("/board?page=3");
  await screen.findByText("글: recruiting");
  const states = within(screen.getByRole("navigation", { name: "모집 상태" }));
  expect(states.getByRole("link", { name: "모집 중" })).toHaveAttribute("aria-current", "true");
  await user.click(states.getByRole("link", { name: "완료" }));
  expect(await screen.findByText("글: complete")).toBeInTheDocument();
  expect(here()).toBe("/board?state=complete");
  await user.click(states.getByRole("link", { name: "전체" }));
  expect(await screen.findByText("글: 모두")).toBeInTheDocument();
  expect(here()).toBe("/board?state=all");
  await user.click(states.getByRole("link", { name: "모집 중" }));
  expect(here()).toBe("/board");
  expect(asked.slice(0, 3)).toEqual(["state=recruiting&page=3", "state=complete", ""]);
});

test("knows the names of before", async () => {
  const asked = serve(() => ({ posts: [post()] }));
  board("/board?state=done");
  await screen.findByText("치킨 같이 시켜요");
  expect(asked).toEqual(["state=complete"]);
});

test("says that nobody recruits where others have", async () => {
  serve((query) => ({ posts: query.has("state") ? [] : [post({ is_compelete: true })] }));
  const { user, here } = board();
  expect(await screen.findByText("지금 모집 중인 글이 없어요")).toBeInTheDocument();
  expect(screen.getByRole("link", { name: "글 쓰기" })).toHaveAttribute("href", "/posts/new");
  await user.click(screen.getByRole("link", { name: "모든 글 보기" }));
  expect(here()).toBe("/board?state=all");
  expect(await screen.findByText("치킨 같이 시켜요")).toBeInTheDocument();
});

test("shows the pages that the server names; the jumps are links unless null", async () => {
  serve((query) => {
    const page = Number(query.get("page") ?? 1);
    return {
      posts: [post({ title: `${page}쪽의 글` })],
      paginator: paginator({
        page_range: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        current_page: page,
        prev_button: page === 1 ? null : Math.max(page - 10, 1),
        next_button: page === 12 ? null : Math.min(page + 10, 12),
      }),
    };
  });
  const { user, here } = board();
  await screen.findByText("1쪽의 글");
  const pages = within(screen.getByRole("navigation", { name: "쪽 이동" }));
  expect(pages.getAllByRole("listitem")).toHaveLength(10);
  expect(pages.getByRole("link", { name: "1쪽" })).toHaveAttribute("aria-current", "page");
  expect(pages.queryByRole("link", { name: /이전/ })).toBeNull();
  await user.click(pages.getByRole("link", { name: "다음 11쪽" }));
  expect(here()).toBe("/board?page=11");
  expect(await screen.findByText("11쪽의 글")).toBeInTheDocument();
  expect(screen.getByRole("heading", { name: "글 목록, 11쪽" })).toHaveFocus();
  await user.click(pages.getByRole("link", { name: "이전 1쪽" }));
  expect(here()).toBe("/board");
});

test("keeps the page before while the next one is on its way", async () => {
  let go = () => {};
  const wait = new Promise<void>((done) => (go = done));
  server.use(
    http.get("*/api/post/", async ({ request }) => {
      const second = new URL(request.url).searchParams.has("category");
      if (second) await wait;
      return HttpResponse.json({ posts: [post({ title: second ? "새 글" : "옛 글" })], paginator: paginator() });
    }),
  );
  const { user } = board();
  await screen.findByText("옛 글");
  await user.click(screen.getByRole("link", { name: "피자" }));
  expect(screen.getByText("옛 글").closest("[aria-busy=true]")).not.toBeNull();
  go();
  expect(await screen.findByText("새 글")).toBeInTheDocument();
  expect(screen.queryByText("옛 글")).toBeNull();
});

test("one page needs no page numbers", async () => {
  serve(() => ({ posts: [post()] }));
  board();
  await screen.findByText("치킨 같이 시켜요");
  expect(screen.queryByRole("navigation", { name: "쪽 이동" })).toBeNull();
});

test("invites to write the first post of a neighbourhood", async () => {
  serve(() => ({}));
  board();
  expect(await screen.findByText("역삼동의 첫 글을 써 보세요")).toBeInTheDocument();
  expect(screen.getByRole("link", { name: "첫 글 쓰기" })).toHaveAttribute("href", "/posts/new");
});

test("leads out of an empty category", async () => {
  serve(() => ({}));
  const { user, here } = board(`/board?${new URLSearchParams({ category: "족발,보쌈" })}`);
  expect(await screen.findByText("족발·보쌈 글이 아직 없어요")).toBeInTheDocument();
  expect(screen.getByRole("link", { name: "족발·보쌈 글 쓰기" })).toHaveAttribute("href", `/posts/new?${new URLSearchParams({ category: "족발,보쌈" })}`);
  await user.click(screen.getByRole("link", { name: "모든 음식 보기" }));
  expect(here()).toBe("/board");
});

test("says why the board is not here, and tries again", async () => {
  server.use(http.get("*/api/post/", () => problem(503, "busy"), { once: true }));
  const { user } = board();
  expect(await screen.findByRole("alert")).toHaveTextContent("지금 이용자가 많아요");
  serve(() => ({ posts: [post()] }));
  await user.click(screen.getByRole("button", { name: "다시 시도" }));
  expect(await screen.findByText("치킨 같이 시켜요")).toBeInTheDocument();
  expect(screen.queryByRole("alert")).toBeNull();
});

test("asks again when one comes back to the window, and keeps what it has if that fails", async () => {
  serve(() => ({ posts: [post()] }));
  board();
  await screen.findByText("치킨 같이 시켜요");
  server.use(http.get("*/api/post/", () => problem(503, "unavailable")));
  document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  expect(await screen.findByRole("alert")).toHaveTextContent("새 글을 가져오지 못했어요.");
  expect(screen.getByText("치킨 같이 시켜요")).toBeInTheDocument();
});
