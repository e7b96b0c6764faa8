import { useQueryClient } from "@tanstack/react-query";
import { screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { toPage } from "../../../api/posts";
import { show } from "../../../test/render";
import { ann, http, HttpResponse, problem, server } from "../../../test/server";
import { paginator, post, postDetail, room } from "../fixture";
import { PartyDetail } from "./PartyDetail";
import { boardQuery } from "../queries";

/** Opens the post; what the server says of it can be changed later. */
function open(part: Parameters<typeof postDetail>[0] = {}) {
  const known = { post: postDetail(part) };
  server.use(http.get("*/api/post/detail/1/", () => HttpResponse.json(known.post)));
  return { known, ...show(<PartyDetail id={1} />, { at: "/posts/1" }) };
}

const join = () => screen.findByRole("button", { name: "함께하기" });

test("shows what, who, where, when and how many", async () => {
  open({ content: "첫 줄\n둘째 줄 https://example.com/a?b=1 에서 봐요." });
  expect(await screen.findByRole("heading", { level: 1, name: "치킨 같이 시켜요" })).toBeInTheDocument();
  expect(screen.getByText("베아")).toBeInTheDocument();
  expect(screen.getByText("5분 전")).toBeInTheDocument();
  expect(screen.getByText("서울특별시 강남구 역삼동")).toBeInTheDocument();
  expect(screen.getByRole("img", { name: "4명 중 2명 참여" })).toBeInTheDocument();
  expect(screen.getByText("2자리 남았어요")).toBeInTheDocument();
  expect(screen.getByText(/첫 줄\s+둘째 줄/)).toBeInTheDocument();
  const link = screen.getByRole("link", { name: "https://example.com/a?b=1" });
  expect(link).toHaveAttribute("rel", expect.stringContaining("noopener noreferrer nofollow"));
  expect(screen.queryByRole("button", { name: "글 메뉴" })).toBeNull();
  expect(screen.queryByText("다른 동네의 글이에요")).toBeNull();
});

test("joins and leads to the room", async () => {
  server.use(http.post("*/api/chat/1/", () => HttpResponse.json(room(), { status: 201 })));
  const { user, here } = open();
  await user.click(await join());
  await waitFor(() => expect(here()).toBe("/rooms/1"));
});

test("says why a seat was refused, and shows how it stands now", async () => {
  server.use(http.post("*/api/chat/1/", () => problem(409, "recruitment_closed", undefined, "자리가 모두 찼어요.")));
  const { user, known } = open({ join_number: 3 });
  const button = await join();
  known.post = postDetail({ join_number: 4, is_compelete: true });
  await user.click(button);
  expect(await screen.findByRole("alert")).toHaveTextContent("자리가 모두 찼어요.");
  expect(await screen.findByText("모집이 끝났어요")).toBeInTheDocument();
  expect(screen.getByRole("img", { name: "4명 중 4명 참여" })).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "함께하기" })).toBeNull();
});

test.each([
  [403, "banned", "내보내진 방이에요"],
  [410, "room_deleted", "채팅방이 삭제됐어요"],
] as const)("a refusal with %i %s is final", async (status, code, words) => {
  server.use(http.post("*/api/chat/1/", () => problem(status, code)));
  const { user } = open();
  await user.click(await join());
  expect(await screen.findByRole("alert")).toHaveTextContent(words);
  expect(screen.queryByRole("button", { name: "함께하기" })).toBeNull();
  expect(screen.getByRole("link", { name: "다른 글 보기" })).toHaveAttribute("href", "/board");
});

test("without a network one can try again", async () => {
  server.use(http.post("*/api/chat/1/", () => HttpResponse.error(), { once: true }));
  const { user, here } = open();
  await user.click(await join());
  expect(await screen.findByRole("alert")).toHaveTextContent("인터넷에 연결되지 않았어요.");
  server.use(http.post("*/api/chat/1/", () => HttpResponse.json(room())));
  await user.click(await join());
  await waitFor(() => expect(here()).toBe("/rooms/1"));
});

test("a member enters, also when recruiting has ended", async () => {
  open({ is_joined: true, is_compelete: true });
  expect(await screen.findByRole("link", { name: "채팅방 들어가기" })).toHaveAttribute("href", "/rooms/1");
});

test.each([
  [{ join_number: 4 }, "자리가 모두 찼어요. 자리가 나면 다시 열려요."],
  [{ join_number: 4, closed_by_writer: true }, "글쓴이가 모집을 마감했어요. 다시 모집하면 함께할 수 있어요."],
  [{ join_number: 2, closed_by_writer: true }, "글쓴이가 모집을 마감했어요. 다시 모집하면 함께할 수 있어요."],
])("tells a full party from a closed one", async (part, words) => {
  open({ is_compelete: true, ...part });
  expect(await screen.findByText("모집이 끝났어요")).toBeInTheDocument();
  expect(screen.getByText(words)).toBeInTheDocument();
});

test("counts the last seat as people do", async () => {
  open({ join_number: 3 });
  expect(await screen.findByText("한 자리 남았어요")).toBeInTheDocument();
});

test("tells a stranger where it is", async () => {
  open({ address: "경상남도 밀양시 내이동" });
  expect(await screen.findByText("다른 동네의 글이에요")).toBeInTheDocument();
  expect(screen.getByText(/경상남도 밀양시 내이동은 내 동네가 아니에요/)).toBeInTheDocument();
});

test("says that a post is gone, also while one reads it", async () => {
  const { user } = open();
  await join();
  server.use(http.get("*/api/post/detail/1/", () => problem(404, "post_not_found")));
  server.use(http.post("*/api/chat/1/", () => problem(404, "post_not_found")));
  await user.click(await join());
  expect(await screen.findByText("글을 찾을 수 없어요")).toBeInTheDocument();
  expect(screen.getByRole("link", { name: "우리 동네 글 보기" })).toHaveAttribute("href", "/board");
});

test("keeps what the board knew when the post cannot be had, and tries again", async () => {
  server.use(http.get("*/api/post/detail/1/", () => problem(503, "unavailable"), { once: true }));
  function Known() {
    useQueryClient().setQueryData(boardQuery(ann.address, null, "recruiting", 1).queryKey, toPage({ posts: [post()], paginator: paginator() }));
    return <PartyDetail id={1} />;
  }
  const { user } = show(<Known />, { at: "/posts/1" });
  expect(await screen.findByRole("alert")).toHaveTextContent("지금은 이용할 수 없어요.");
  expect(screen.getByRole("heading", { level: 1, name: "치킨 같이 시켜요" })).toBeInTheDocument();
  server.use(http.get("*/api/post/detail/1/", () => HttpResponse.json(postDetail())));
  await user.click(screen.getByRole("button", { name: "다시 시도" }));
  expect(await join()).toBeInTheDocument();
});

test("shows what the board knew until the post is here", async () => {
  let go = () => {};
  const wait = new Promise<void>((done) => (go = done));
  server.use(
    http.get("*/api/post/detail/1/", async () => {
      await wait;
      return HttpResponse.json(postDetail());
    }),
  );
  function Known() {
    useQueryClient().setQueryData(boardQuery(ann.address, null, "recruiting", 1).queryKey, toPage({ posts: [post()], paginator: paginator() }));
    return <PartyDetail id={1} />;
  }
  show(<Known />, { at: "/posts/1" });
  expect(screen.getByRole("heading", { level: 1, name: "치킨 같이 시켜요" })).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "함께하기" })).toBeNull();
  go();
  expect(await join()).toBeInTheDocument();
});

const menu = async (user: ReturnType<typeof open>["user"], item: string) => {
  await user.click(await screen.findByRole("button", { name: "글 메뉴" }));
  await user.click(await screen.findByRole("menuitem", { name: item }));
};

test("the writer closes recruiting, and takes that back", async () => {
  const bodies: unknown[] = [];
  const { user, known } = open({ writer: ann, is_joined: true });
  server.use(
    http.post("*/api/post/detail/1/edit/", async ({ request }) => {
      const body = (await request.json()) as { is_compelete: boolean };
      bodies.push(body);
      known.post = { ...known.post, ...body, closed_by_writer: body.is_compelete };
      return HttpResponse.json(known.post);
    }),
  );
  await menu(user, "모집 마감");
  expect(await screen.findByText("모집을 마감했어요.")).toBeInTheDocument();
  expect(screen.getByText("모집 완료")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "되돌리기" }));
  expect(await screen.findByText("모집 중")).toBeInTheDocument();
  expect(bodies).toEqual([{ is_compelete: true }, { is_compelete: false }]);
});

test("a refused change is taken back and said", async () => {
  server.use(http.post("*/api/post/detail/1/edit/", () => problem(410, "room_deleted", undefined, "채팅방이 삭제되어 모집을 다시 열 수 없어요.")));
  const { user } = open({ writer: ann, is_joined: true, is_compelete: true, closed_by_writer: true });
  await menu(user, "다시 모집");
  expect(await screen.findAllByText("채팅방이 삭제되어 모집을 다시 열 수 없어요.")).not.toHaveLength(0);
  expect(screen.getByText("모집 완료")).toBeInTheDocument();
});

test("a full party can be closed, so that a seat that becomes free lets nobody in", async () => {
  const { user, known } = open({ writer: ann, is_joined: true, is_compelete: true, join_number: 4 });
  server.use(
    http.post("*/api/post/detail/1/edit/", () => {
      known.post = { ...known.post, closed_by_writer: true };
      return HttpResponse.json(known.post);
    }),
  );
  await menu(user, "모집 마감");
  expect(await screen.findByText("모집을 마감했어요. 자리가 나도 새로 들어올 수 없어요.")).toBeInTheDocument();
  await user.click(await screen.findByRole("button", { name: "글 메뉴" }));
  expect(await screen.findByRole("menuitem", { name: "다시 모집" })).toBeInTheDocument();
});

test("a post whose room was deleted offers neither the room nor recruiting", async () => {
  const { user } = open({ writer: ann, is_joined: false, is_compelete: true, closed_by_writer: true, room_deleted: true });
  expect(await screen.findByText("글은 남아 있지만 이제 함께할 수 없어요.")).toBeInTheDocument();
  expect(screen.queryByRole("link", { name: "채팅방 들어가기" })).toBeNull();
  await user.click(await screen.findByRole("button", { name: "글 메뉴" }));
  expect(await screen.findByRole("menuitem", { name: "삭제" })).toBeInTheDocument();
  expect(screen.queryByRole("menuitem", { name: /모집/ })).toBeNull();
});

test("who was sent out is told so, and offered no seat", async () => {
  open({ is_banned: true });
  expect(await screen.findByText("내보내진 방이에요")).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "함께하기" })).toBeNull();
});

test("who is in a hidden post is told that only they see it, and offered no link to share", async () => {
  open({ is_joined: true, is_hidden: true });
  expect(await screen.findByText("운영자가 숨긴 글이에요")).toBeInTheDocument();
  expect(screen.getByRole("link", { name: "채팅방 들어가기" })).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: /공유/ })).toBeNull();
});

test("the writer deletes after being asked", async () => {
  server.use(http.post("*/api/post/detail/1/delete/", () => problem(503, "unavailable"), { once: true }));
  const { user, here } = open({ writer: ann, is_joined: true });
  await menu(user, "삭제");
  const dialog = within(await screen.findByRole("alertdialog", { name: "글을 삭제할까요?" }));
  expect(dialog.getByText("함께하는 이웃 1명도 채팅방을 쓸 수 없게 돼요.")).toBeInTheDocument();
  await user.click(dialog.getByRole("button", { name: "삭제하기" }));
  expect(await dialog.findByRole("alert")).toHaveTextContent("지금은 이용할 수 없어요.");
  server.use(http.post("*/api/post/detail/1/delete/", () => new HttpResponse(null, { status: 204 })));
  await user.click(dialog.getByRole("button", { name: "삭제하기" }));
  expect(await screen.findByText("글을 삭제했어요.")).toBeInTheDocument();
  await waitFor(() => expect(here()).toBe("/board"));
});

test("the writer goes to edit", async () => {
  const { user, here } = open({ writer: ann, is_joined: true });
  await menu(user, "수정");
  await waitFor(() => expect(here()).toBe("/posts/1/edit"));
});

test("shares by the device, else by the clipboard", async () => {
  const { user } = open();
  const written = vi.spyOn(navigator.clipboard, "writeText");
  await user.click(await screen.findByRole("button", { name: "공유하기" }));
  expect(await screen.findByText("링크를 복사했어요.")).toBeInTheDocument();
  expect(written).toHaveBeenCalledWith(`${location.origin}/s/AX7Qm0n1h3o0y7uVxg`);

  const shared = vi.fn(() => Promise.resolve());
  Object.assign(navigator, { share: shared });
  await user.click(screen.getByRole("button", { name: "공유하기" }));
  expect(shared).toHaveBeenCalledWith({ title: "치킨 같이 시켜요", text: "역삼동에서 같이 시켜요", url: `${location.origin}/s/AX7Qm0n1h3o0y7uVxg` });
  expect(written).toHaveBeenCalledOnce();
  delete (navigator as { share?: unknown }).share;
});

test("where nothing takes the link, it is there to be copied", async () => {
  const { user } = open();
  vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new DOMException("denied", "NotAllowedError"));
  await user.click(await screen.findByRole("button", { name: "공유하기" }));
  const sheet = await screen.findByRole("dialog", { name: "공유하기" });
  const link = within(sheet).getByRole<HTMLInputElement>("textbox", { name: "글의 링크" });
  const url = `${location.origin}/s/AX7Qm0n1h3o0y7uVxg`;
  expect(link).toHaveValue(url);
  expect(link).toHaveAttribute("readonly");
  await waitFor(() => expect(link).toHaveFocus());
  expect(url.slice(link.selectionStart ?? 0, link.selectionEnd ?? 0)).toBe(url);
  expect(screen.queryByText("링크를 복사했어요.")).toBeNull();

  const copies = vi.fn(() => false);
  Object.assign(document, { execCommand: copies });
  await user.click(within(sheet).getByRole("button", { name: "링크 복사하기" }));
  expect(copies).toHaveBeenCalledWith("copy");
  expect(await within(sheet).findByRole("alert")).toHaveTextContent("링크를 복사하지 못했어요.");
  expect(link).toHaveFocus();
  copies.mockReturnValue(true);
  await user.click(within(sheet).getByRole("button", { name: "링크 복사하기" }));
  expect(await screen.findByText("링크를 복사했어요.")).toBeInTheDocument();
  await waitFor(() => expect(screen.queryByRole("dialog", { name: "공유하기" })).toBeNull());
  delete (document as { execCommand?: unknown }).execCommand;
});

test.each([
  ["its writer", { writer: ann }],
  ["a member", { is_joined: true }],
])("%s is not asked to check where it is", async (_, part) => {
  open({ address: "경상남도 밀양시 내이동", ...part });
  expect(await screen.findByText("경상남도 밀양시 내이동")).toBeInTheDocument();
  expect(screen.queryByText("다른 동네의 글이에요")).toBeNull();
});

test("a post of one's own board is not called one of another neighbourhood", async () => {
  // ann lives in 역삼동, whose board shows 역삼1동.
  open({ address: "서울특별시 강남구 역삼1동" });
  expect(await screen.findByText("서울특별시 강남구 역삼1동")).toBeInTheDocument();
  expect(screen.queryByText("다른 동네의 글이에요")).toBeNull();
});
