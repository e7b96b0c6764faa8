import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { Link } from "react-router";
import { expect, test } from "vitest";
import { show } from "../../../test/render";
import { ann, http, HttpResponse, problem, server } from "../../../test/server";
import { postDetail } from "../fixture";
import { PartyForm } from "./PartyForm";

const mine = { writer: ann };
const title = () => screen.getByRole("textbox", { name: "제목" });
const content = () => screen.getByRole("textbox", { name: "내용" });
const seats = () => screen.getByRole("spinbutton", { name: "모두 몇 명이서 시킬까요?" });
const kind = (name: string) => screen.getByRole("radio", { name });
const send = () => screen.getByRole("button", { name: "글 올리기" });
const save = () => screen.getByRole("button", { name: "수정하기" });

function write(at = "/posts/new") {
  return show(<PartyForm />, { at, path: "/posts/new" });
}

/** What the server was sent, once it was. */
function catchBody(path: string, answer: () => Response) {
  const bodies: unknown[] = [];
  server.use(
    http.post(path, async ({ request }) => {
      bodies.push(await request.json());
      return answer();
    }),
  );
  return bodies;
}

test("writes a post and leads to it", async () => {
  const bodies = catchBody("*/api/post/write/", () => HttpResponse.json(postDetail({ id: 7, writer: ann }), { status: 201 }));
  const { user, here } = write();
  expect(screen.getAllByRole("radio")).toHaveLength(14);
  await user.click(kind("족발·보쌈"));
  await user.type(title(), "  족발 대자 ");
  await user.type(content(), "7시에 시켜요");
  await user.click(screen.getByRole("button", { name: "한 명 늘리기" }));
  await user.click(send());
  expect(await screen.findByText("글을 올렸어요. 이웃을 기다려 볼까요?")).toBeInTheDocument();
  expect(here()).toBe("/posts/7");
  expect(bodies).toEqual([{ category: "족발,보쌈", title: "족발 대자", content: "7시에 시켜요", target_number: 5 }]);
  // The draft is gone.
  cleanup();
  write();
  expect(title()).toHaveValue("");
});

test("judges a field once it was left, and as it is put right", async () => {
  const { user } = write();
  await user.click(title());
  expect(screen.queryByRole("alert")).toBeNull();
  await user.tab();
  expect(screen.getByRole("alert")).toHaveTextContent("제목을 적어 주세요.");
  expect(title()).toBeInvalid();
  await user.type(title(), "치킨");
  expect(title()).toBeValid();
  expect(screen.queryByText("제목을 적어 주세요.")).toBeNull();
});

test("sends nothing that is wrong, and leads to the first wrong field", async () => {
  const { user } = write();
  await user.click(send());
  expect(screen.getAllByRole("alert").map((alert) => alert.textContent)).toEqual(["음식 종류를 골라 주세요.", "제목을 적어 주세요.", "내용을 적어 주세요."]);
  expect(kind("족발·보쌈")).toHaveFocus();
  await user.click(kind("치킨"));
  await user.click(send());
  expect(title()).toHaveFocus();
});

test("counts letters as people do", async () => {
  const { user } = write();
  const family = "👨‍👩‍👧‍👦";
  await user.click(title());
  await user.paste(family.repeat(50));
  await user.tab();
  expect(title()).toBeValid();
  expect(screen.getByText("50자 가운데 50자")).toBeInTheDocument();
  await user.type(title(), "!");
  expect(title()).toHaveAccessibleDescription("제목은 50자까지 쓸 수 있어요.");
  expect(title()).toHaveValue(`${family.repeat(50)}!`);
});

test("the seats follow the keys of a spin button, between 2 and 10", async () => {
  const { user } = write();
  seats().focus();
  expect(seats()).toHaveAttribute("aria-valuetext", "4명");
  await user.keyboard("{ArrowUp}");
  expect(seats()).toHaveAttribute("aria-valuenow", "5");
  await user.keyboard("{End}{ArrowUp}");
  expect(seats()).toHaveAttribute("aria-valuenow", "10");
  await user.keyboard("{Home}{ArrowDown}");
  expect(seats()).toHaveAttribute("aria-valuenow", "2");
  await user.keyboard("7");
  expect(seats()).toHaveTextContent("7명");
  expect(screen.getByText("나를 포함해 7명이 함께 시켜요.")).toBeInTheDocument();
});

test.each([
  [409, "too_many_posts", "한 번에 글 10개까지 모집할 수 있어요. 다른 글의 모집을 마감한 뒤 다시 시도해 주세요."],
  [429, "too_many_posts_today", "하루에 글 30개까지 쓸 수 있어요. 내일 다시 써 주세요."],
] as const)("says why somebody with many posts cannot write another (%i)", async (status, code, words) => {
  server.use(http.post("*/api/post/write/", () => problem(status, code)));
  const { user } = write();
  await user.click(kind("치킨"));
  await user.type(title(), "치킨");
  await user.type(content(), "같이 먹어요");
  await user.click(send());
  expect(await screen.findByRole("alert")).toHaveTextContent(words);
  expect(title()).toHaveValue("치킨");
});

test("puts what the server says at its field and keeps what was typed", async () => {
  server.use(http.post("*/api/post/write/", () => problem(400, "invalid", { title: ["쓸 수 없는 글자가 있어요."] })));
  const { user } = write();
  await user.click(kind("치킨"));
  await user.type(title(), "치킨");
  await user.type(content(), "같이 먹어요");
  await user.click(send());
  expect(await screen.findByRole("alert")).toHaveTextContent("쓸 수 없는 글자가 있어요.");
  expect(title()).toHaveFocus();
  expect(title()).toHaveValue("치킨");
  expect(content()).toHaveValue("같이 먹어요");
  await user.type(title(), "!");
  expect(screen.queryByRole("alert")).toBeNull();
});

test("says what no field is to blame for", async () => {
  server.use(http.post("*/api/post/write/", () => HttpResponse.error()));
  const { user } = write("/posts/new?title=치킨&category=치킨");
  await user.type(content(), "같이 먹어요");
  await user.click(send());
  expect(await screen.findByRole("alert")).toHaveTextContent("인터넷에 연결되지 않았어요.");
  expect(content()).toHaveValue("같이 먹어요");
});

test("begins with what the address brings, once", async () => {
  const { user, here } = write(`/posts/new?${new URLSearchParams({ category: "피자", title: "피자 한 판" })}`);
  expect(await screen.findByDisplayValue("피자 한 판")).toBe(title());
  expect(kind("피자")).toBeChecked();
  expect(here()).toBe("/posts/new");
  await user.type(title(), "!");
  expect(title()).toHaveValue("피자 한 판!");
});

const brought = (category: string, title: string) => `/posts/new?${new URLSearchParams({ category, title })}`;

test("a title that was typed makes way only if its writer agrees", async () => {
  const { user } = write();
  await user.click(kind("치킨"));
  await user.type(title(), "치킨 두 마리");
  await user.type(content(), "7시에 시켜요");
  cleanup();

  const kept = write(brought("피자", "피자 같이 시켜요"));
  const dialog = within(await screen.findByRole("alertdialog", { name: "쓰던 글이 있어요" }));
  await kept.user.click(dialog.getByRole("button", { name: "취소" }));
  await waitFor(() => expect(screen.queryByRole("alertdialog")).toBeNull());
  expect(title()).toHaveValue("치킨 두 마리");
  expect(kind("치킨")).toBeChecked();
  expect(screen.getByText("쓰던 글을 이어서 쓸 수 있어요.")).toBeInTheDocument();
  expect(kept.here()).toBe("/posts/new");
  cleanup();

  const taken = write(brought("피자", "피자 같이 시켜요"));
  await taken.user.click(await screen.findByRole("button", { name: "바꾸기" }));
  await waitFor(() => expect(screen.queryByRole("alertdialog")).toBeNull());
  expect(title()).toHaveValue("피자 같이 시켜요");
  expect(kind("피자")).toBeChecked();
  expect(content()).toHaveValue("7시에 시켜요");
  expect(taken.here()).toBe("/posts/new");
  expect(screen.queryByText("쓰던 글을 이어서 쓸 수 있어요.")).toBeNull();
});

test("a title that nobody typed makes way for the next", async () => {
  write(brought("피자", "피자 같이 시켜요"));
  expect(await screen.findByDisplayValue("피자 같이 시켜요")).toBe(title());
  cleanup();
  const { user } = write(brought("중식", "짬뽕 같이 시켜요"));
  expect(await screen.findByDisplayValue("짬뽕 같이 시켜요")).toBe(title());
  expect(kind("중식")).toBeChecked();
  expect(screen.queryByRole("alertdialog")).toBeNull();
  await user.type(title(), "!");
  cleanup();
  write(brought("분식", "김밥 같이 시켜요"));
  expect(await screen.findByRole("alertdialog")).toBeVisible();
});

test("a draft survives a reload, belongs to its writer, and can be thrown away", async () => {
  const { user } = write();
  await user.type(title(), "치킨 두 마리");
  cleanup();
  show(<PartyForm />, { at: "/posts/new", as: { ...ann, id: 9, token: "other" } });
  expect(title()).toHaveValue("");
  cleanup();

  const again = write();
  expect(title()).toHaveValue("치킨 두 마리");
  expect(screen.getByText("쓰던 글을 이어서 쓸 수 있어요.")).toBeInTheDocument();
  await again.user.click(screen.getByRole("button", { name: "새로 쓰기" }));
  expect(title()).toHaveValue("");
  await again.user.click(await screen.findByRole("button", { name: "되돌리기" }));
  expect(title()).toHaveValue("치킨 두 마리");
});

function edit(part = {}) {
  server.use(http.get("*/api/post/detail/1/", () => HttpResponse.json(postDetail({ ...mine, is_joined: true, ...part }))));
  return show(
    <>
      <Link to="/board">나가는 길</Link>
      <PartyForm id={1} />
    </>,
    { at: "/posts/1/edit" },
  );
}

test("edits a post and sends only what was changed", async () => {
  const bodies = catchBody("*/api/post/detail/1/edit/", () => HttpResponse.json(postDetail({ ...mine, title: "피자 같이 시켜요" })));
  const { user, here } = edit();
  await waitFor(() => expect(title()).toHaveValue("치킨 같이 시켜요"));
  expect(kind("치킨")).toBeChecked();
  await user.clear(title());
  await user.type(title(), "피자 같이 시켜요");
  await user.click(save());
  expect(await screen.findByText("글을 고쳤어요.")).toBeInTheDocument();
  expect(here()).toBe("/posts/1");
  expect(bodies).toEqual([{ title: "피자 같이 시켜요" }]);
});

test("does not take seats from people who sit in them", async () => {
  const { user } = edit({ join_number: 3 });
  await screen.findByRole("spinbutton");
  await user.click(screen.getByRole("button", { name: "한 명 줄이기" }));
  expect(seats()).toHaveAttribute("aria-valuenow", "3");
  expect(seats()).toHaveAttribute("aria-valuemin", "3");
  expect(seats()).toHaveAccessibleDescription("벌써 3명이 함께하고 있어서 더 줄일 수 없어요.");
  await user.click(screen.getByRole("button", { name: "한 명 줄이기" }));
  expect(seats()).toHaveAttribute("aria-valuenow", "3");
});

test("hears from the server that somebody joined in the meantime", async () => {
  server.use(http.post("*/api/post/detail/1/edit/", () => problem(400, "invalid", { target_number: ["이미 참여한 인원보다 적게 모집할 수 없어요."] })));
  const { user } = edit({ join_number: 2 });
  await screen.findByRole("spinbutton");
  seats().focus();
  await user.keyboard("2");
  server.use(http.get("*/api/post/detail/1/", () => HttpResponse.json(postDetail({ ...mine, join_number: 3 }))));
  await user.click(save());
  expect(await screen.findByText("벌써 3명이 함께하고 있어서 더 줄일 수 없어요.")).toHaveAttribute("role", "alert");
  expect(seats()).toBeInvalid();
});

test("asks before changes are left behind", async () => {
  const { user, here } = edit();
  await screen.findByDisplayValue("치킨 같이 시켜요");
  await user.type(title(), "!");
  await user.click(screen.getByRole("link", { name: "나가는 길" }));
  const dialog = within(await screen.findByRole("alertdialog", { name: "고친 내용을 버릴까요?" }));
  await user.click(dialog.getByRole("button", { name: "취소" }));
  expect(here()).toBe("/posts/1/edit");
  await waitFor(() => expect(screen.queryByRole("alertdialog")).toBeNull());
  expect(title()).toHaveValue("치킨 같이 시켜요!");
  await user.click(screen.getByRole("link", { name: "나가는 길" }));
  await user.click(await screen.findByRole("button", { name: "나가기" }));
  await waitFor(() => expect(here()).toBe("/board"));
});

test("does not ask when nothing was changed", async () => {
  const { user, here } = edit();
  await screen.findByDisplayValue("치킨 같이 시켜요");
  await user.click(screen.getByRole("link", { name: "나가는 길" }));
  expect(here()).toBe("/board");
});

test("lets only the writer edit", async () => {
  edit({ writer: postDetail().writer });
  expect(await screen.findByText("글쓴이만 고칠 수 있어요")).toBeInTheDocument();
  expect(screen.queryByRole("textbox")).toBeNull();
});

test("a deleted post cannot be edited", async () => {
  server.use(http.get("*/api/post/detail/1/", () => problem(404, "post_not_found")));
  show(<PartyForm id={1} />, { at: "/posts/1/edit" });
  expect(await screen.findByText("글을 찾을 수 없어요")).toBeInTheDocument();
});
