import { screen, waitFor, within as inside } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import SocialPage from "./pages/Social";
import { current } from "../api/session";
import { show } from "../test/render";
import { ann, annUser, http, HttpResponse, problem, server, signedIn } from "../test/server";
import { ChangePassword } from "../features/account/password/ChangePassword";
import { within } from "../features/account/social";
import { SocialButtons } from "../features/account/SocialButtons";
import { Ways } from "../features/account/ways/Ways";

const all = [
  { provider: "kakao", name: "카카오" },
  { provider: "google", name: "Google" },
  { provider: "naver", name: "네이버" },
];

/** What was asked of the way out, and where it leads. */
function starts() {
  const asked: unknown[] = [];
  server.use(
    http.post("*/api/user/social/start/:provider/", async ({ params, request }) => {
      asked.push({ provider: params["provider"], token: request.headers.get("Authorization"), ...((await request.json()) as object) });
      // As far as a page goes that has no browser.
      return HttpResponse.json({ url: `${location.origin}/#at-${String(params["provider"])}` });
    }),
  );
  return asked;
}

beforeEach(() => {
  location.hash = "";
  server.use(http.get("*/api/user/social/", () => HttpResponse.json(all)));
});

test("offers the ways this server has, and leaves for one with the way back", async () => {
  const asked = starts();
  const { user } = show(<SocialButtons />, { at: "/signin?next=%2Fposts%2F3", as: null });
  const buttons = await screen.findAllByRole("button");
  expect(buttons.map((button) => button.textContent)).toEqual(["카카오로 계속하기", "Google로 계속하기", "네이버로 계속하기"]);
  await user.click(buttons[2]!);
  await waitFor(() => expect(location.hash).toBe("#at-naver"));
  expect(asked).toEqual([{ provider: "naver", token: null, next: "/posts/3", link: false }]);
});

test.each([
  ["none", () => HttpResponse.json([])],
  ["no answer", () => HttpResponse.error()],
])("with %s there is nothing to see", async (_what, answer) => {
  let asked = false;
  server.use(
    http.get("*/api/user/social/", () => {
      asked = true;
      return answer();
    }),
  );
  const { container } = show(<SocialButtons />, { at: "/signin", as: null });
  await waitFor(() => expect(asked).toBe(true));
  expect(container.querySelector("section")).toBeNull();
});

test("says why one cannot leave", async () => {
  server.use(http.post("*/api/user/social/start/kakao/", () => problem(503, "social_unavailable", undefined, "지금은 이 방법으로 로그인할 수 없어요.")));
  const { user } = show(<SocialButtons />, { at: "/signin", as: null });
  await user.click(await screen.findByRole("button", { name: "카카오로 계속하기" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("지금은 이 방법으로 로그인할 수 없어요.");
});

test("within other apps it says that Google does not work there", async () => {
  vi.spyOn(navigator, "userAgent", "get").mockReturnValue("Mozilla/5.0 (iPhone) KAKAOTALK 11.2.3");
  show(<SocialButtons />, { at: "/signin", as: null });
  expect(await screen.findByText(/카카오톡 안에서는 Google로 로그인할 수 없어요/)).toBeVisible();
  expect(screen.queryByRole("button", { name: /Google/ })).toBeNull();
  expect(screen.getByRole("link", { name: "다른 브라우저로 열기" })).toHaveAttribute("href", expect.stringMatching(/^kakaotalk:\/\/web\/openExternal\?url=http%3A/));
  expect(["x KAKAOTALK", "x Instagram 1", "x FBAN/FB4A", "x NAVER(inapp; 1)", "Android 15; wv) Chrome", "Android 15) Chrome/140 Mobile Safari"].map(within)).toEqual([
    "kakaotalk", "app", "app", "app", "app", null,
  ]);
});

const arrives = (query: string, as: typeof ann | null = null) => show(<SocialPage />, { at: `/social?${query}`, path: "/social", as });

test("who comes back signed in goes on to where they wanted", async () => {
  signedIn();
  const { here } = arrives("next=%2Fposts%2F3");
  await waitFor(() => expect(here()).toBe("/posts/3"));
  expect(current().user).toEqual(annUser);
});

test("nobody is led out of the app", async () => {
  signedIn();
  const { here } = arrives("next=https%3A%2F%2Fevil.example");
  await waitFor(() => expect(here()).toBe("/board"));
});

test("who comes back without a cookie signs in, and who has no network tries again", async () => {
  server.use(http.post("*/api/user/refresh/", () => problem(401, "not_signed_in")));
  const { here, unmount } = arrives("next=%2Fposts%2F3");
  await waitFor(() => expect(here()).toBe("/signin?next=%2Fposts%2F3"));
  unmount();

  server.use(http.post("*/api/user/refresh/", () => HttpResponse.error()));
  const again = arrives("next=%2Fposts%2F3");
  expect(await screen.findByRole("alert")).toHaveTextContent("인터넷에 연결되지 않았어요");
  signedIn();
  await again.user.click(screen.getByRole("button", { name: "다시 시도" }));
  await waitFor(() => expect(again.here()).toBe("/posts/3"));
});

test.each([
  ["social_cancelled", "로그인을 취소했어요"],
  ["identity_taken", "이미 다른 계정에 연결된 로그인이에요"],
  ["<b>odd", "로그인을 마치지 못했어요"],
])("says what %s means, and leads on", (code, title) => {
  arrives(`error=${encodeURIComponent(code)}&next=%2Fposts%2F3`);
  expect(screen.getByRole("heading", { name: title })).toBeVisible();
  expect(screen.getByRole("link", { name: "로그인으로 가기" })).toHaveAttribute("href", "/signin?next=%2Fposts%2F3");
});

const pending = (email: string) => server.use(http.get("*/api/user/social/pending/", () => HttpResponse.json({ provider: "kakao", username: "라이언", email })));

test("a first login asks for what is missing, and goes on", async () => {
  pending("");
  const bodies: unknown[] = [];
  server.use(
    http.get("*/api/region/search/", () => HttpResponse.json({ regions: [] })),
    http.post("*/api/user/social/pending/", async ({ request }) => {
      bodies.push(await request.json());
      return HttpResponse.json({ user: ann }, { status: 201 });
    }),
  );
  const { user, here } = arrives("pending=kakao&next=%2Fposts%2F3");
  expect(await screen.findByText(/카카오로 확인했어요/)).toBeVisible();
  expect(screen.getByLabelText("유저명")).toHaveValue("라이언");
  await user.click(screen.getByRole("button", { name: "가입하고 시작하기" }));
  expect(screen.getByLabelText("이메일")).toHaveFocus();
  expect(screen.getByLabelText("내 동네", { selector: "input" })).toBeInvalid();
  await user.type(screen.getByLabelText("이메일"), "ryan@example.com");
  await user.type(screen.getByLabelText("내 동네", { selector: "input" }), "서울특별시 종로구 혜화동");
  await user.click(screen.getByRole("button", { name: "가입하고 시작하기" }));
  await waitFor(() => expect(here()).toBe("/posts/3"));
  expect(bodies).toEqual([{ email: "ryan@example.com", username: "라이언", address: "서울특별시 종로구 혜화동" }]);
  expect(await screen.findByText("앤 님, 반가워요!")).toBeVisible();
});

test("an e-mail address that the provider tells is taken, unless it is somebody's", async () => {
  pending("ann@example.com");
  server.use(
    http.get("*/api/region/search/", () => HttpResponse.json({ regions: [] })),
    http.post("*/api/user/social/pending/", () => problem(400, "invalid", { email: ["이미 가입한 이메일이에요."] })),
  );
  const { user } = arrives("pending=kakao&next=%2Fboard");
  expect(await screen.findByText(/이메일 ann@example.com/)).toBeVisible();
  expect(screen.queryByLabelText("이메일")).toBeNull();
  await user.type(screen.getByLabelText("내 동네", { selector: "input" }), "서울특별시 종로구 혜화동");
  await user.click(screen.getByRole("button", { name: "가입하고 시작하기" }));
  expect(await screen.findByLabelText("이메일")).toHaveAccessibleDescription("이미 가입한 이메일이에요.");
  expect(current().user).toBeNull();
});

test("who waited too long begins anew", async () => {
  server.use(http.get("*/api/user/social/pending/", () => problem(404, "nothing_pending", undefined, "가입을 다시 시작해 주세요.")));
  arrives("pending=kakao&next=%2Fboard");
  expect(await screen.findByRole("alert")).toHaveTextContent("가입을 다시 시작해 주세요.");
  expect(screen.getByRole("link", { name: "로그인으로 가기" })).toHaveAttribute("href", "/signin?next=%2Fboard");
});

test("what was linked is said where one linked it", async () => {
  const { here } = arrives("linked=kakao&next=%2Fme%2Fways", ann);
  await waitFor(() => expect(here()).toBe("/me/ways"));
  expect(await screen.findByText("카카오 로그인을 연결했어요.")).toBeVisible();
});

const ways = (password: boolean, ...linked: string[]) =>
  server.use(http.get("*/api/user/social/linked/", () => HttpResponse.json({ password, linked: linked.map((provider) => ({ provider, linked_at: "2026-09-01T01:34:49Z" })) })));

test("links, and cuts a link after asking", async () => {
  const asked = starts();
  ways(true, "kakao");
  server.use(http.delete("*/api/user/social/linked/kakao/", () => new HttpResponse(null, { status: 204 })));
  const { user } = show(<Ways />, { at: "/me/ways" });
  await user.click(await screen.findByRole("button", { name: "Google 연결" }));
  await waitFor(() => expect(location.hash).toBe("#at-google"));
  expect(asked).toEqual([{ provider: "google", token: "token ann.token.one", next: "/me/ways", link: true }]);

  await user.click(screen.getByRole("button", { name: "카카오 연결 끊기" }));
  await user.click(inside(await screen.findByRole("alertdialog")).getByRole("button", { name: "연결 끊기" }));
  expect(await screen.findByRole("button", { name: "카카오 연결" })).toBeVisible();
});

test("the last way in stays, and a password can be made without having one", async () => {
  ways(false, "kakao");
  const bodies: unknown[] = [];
  server.use(
    http.delete("*/api/user/social/linked/kakao/", () => problem(409, "last_way", undefined, "마지막 남은 로그인 방법은 끊을 수 없어요. 비밀번호를 먼저 만들어 주세요.")),
    http.post("*/api/user/changepassword/", async ({ request }) => {
      bodies.push(await request.json());
      return HttpResponse.json({ user: ann });
    }),
  );
  const { user, unmount } = show(<Ways />, { at: "/me/ways" });
  expect(await screen.findByRole("link", { name: "비밀번호 만들기" })).toHaveAttribute("href", "/me/password");
  await user.click(screen.getByRole("button", { name: "카카오 연결 끊기" }));
  const question = await screen.findByRole("alertdialog");
  await user.click(inside(question).getByRole("button", { name: "연결 끊기" }));
  expect(await inside(question).findByRole("alert")).toHaveTextContent("비밀번호를 먼저 만들어 주세요");
  unmount();

  const form = show(<ChangePassword user={annUser} />, { at: "/me/password" });
  await screen.findByRole("button", { name: "만들기" });
  expect(screen.queryByLabelText("현재 비밀번호")).toBeNull();
  for (const name of ["새 비밀번호", "새 비밀번호 확인"]) await form.user.type(screen.getByLabelText(name), "happy-rice-1");
  await form.user.click(screen.getByRole("button", { name: "만들기" }));
  expect(await screen.findByText("비밀번호를 만들었어요.")).toBeVisible();
  expect(bodies).toEqual([{ current_password: "", new_password1: "happy-rice-1", new_password2: "happy-rice-1" }]);
});
