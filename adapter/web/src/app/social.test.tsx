import { screen, waitFor, within as inside } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import RegisterPage from "./pages/Register";
import RegisterEmailPage from "./pages/RegisterEmail";
import SignInPage from "./pages/SignIn";
import SocialPage from "./pages/Social";
import { current } from "../api/session";
import { show } from "../test/render";
import { ann, annUser, http, HttpResponse, problem, server, signedIn } from "../test/server";
import { ChangePassword } from "../features/account/password/ChangePassword";
import { within } from "../features/account/social";
import { Ways } from "../features/account/ways/Ways";

const all = [
  { provider: "kakao", name: "카카오" },
  { provider: "naver", name: "네이버" },
  { provider: "google", name: "Google" },
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
  const { user } = show(<SignInPage />, { at: "/signin?next=%2Fposts%2F3", as: null });
  const others = await screen.findByRole("region", { name: "다른 서비스로 계속하기" });
  const buttons = inside(others).getAllByRole("button");
  expect(buttons.map((button) => button.textContent)).toEqual(["카카오로 계속하기", "네이버로 계속하기", "Google로 계속하기"]);
  // They come first.
  expect(others.compareDocumentPosition(screen.getByLabelText("이메일"))).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
  await user.click(buttons[1]!);
  await waitFor(() => expect(location.hash).toBe("#at-naver"));
  expect(asked).toEqual([{ provider: "naver", token: null, next: "/posts/3", link: false }]);
});

test("calls a provider what this server calls it, with the particle that fits", async () => {
  const named = (name: string) => server.use(http.get("*/api/user/social/", () => HttpResponse.json([{ provider: "oidc", name }])));
  for (const [name, button] of [
    ["동네 계정", "동네 계정으로 계속하기"],
    ["우리 회사", "우리 회사로 계속하기"],
    ["한글 서울", "한글 서울로 계속하기"],
    ["OpenID", "OpenID로 계속하기"],
    ["SAM", "SAM으로 계속하기"],
    ["Okta", "Okta로 계속하기"],
    ["Facebook", "Facebook으로(로) 계속하기"],
  ] as const) {
    named(name);
    const { unmount } = show(<SignInPage />, { at: "/signin", as: null });
    expect(await screen.findByRole("button", { name: button })).toBeVisible();
    unmount();
  }

  named("동네 계정");
  server.use(
    http.get("*/api/user/social/pending/", () => HttpResponse.json({ provider: "oidc", username: "그물", email: "" })),
    http.delete("*/api/user/social/linked/oidc/", () => new HttpResponse(null, { status: 204 })),
  );
  const first = arrives("pending=oidc&attempt=a1&next=%2Fboard");
  expect(await screen.findByText(/동네 계정으로 확인했어요/)).toBeVisible();
  first.unmount();

  const linked = arrives("linked=oidc&next=%2Fme%2Fways", ann);
  expect(await screen.findByText("동네 계정 로그인을 연결했어요.")).toBeVisible();
  linked.unmount();

  ways(true, "oidc");
  const { user } = show(<Ways />, { at: "/me/ways" });
  await user.click(await screen.findByRole("button", { name: "동네 계정 연결 끊기" }));
  await user.click(inside(await screen.findByRole("alertdialog", { name: "동네 계정 연결을 끊을까요?" })).getByRole("button", { name: "연결 끊기" }));
  expect(await screen.findByText("동네 계정 연결을 끊었어요.")).toBeVisible();
  ways(true, "oidc");
  show(<ChangePassword user={annUser} />, { at: "/me/password" });
  expect(await screen.findByText(/동네 계정 로그인으로도/)).toBeVisible();
  expect(document.body).not.toHaveTextContent("oidc");
});

test.each([
  ["none", () => HttpResponse.json([])],
  ["no answer", () => HttpResponse.error()],
])("with %s there is the form alone", async (_what, answer) => {
  server.use(http.get("*/api/user/social/", answer));
  for (const [at, page] of [["/signin", <SignInPage />], ["/register", <RegisterPage />]] as const) {
    const { unmount } = show(page, { at, as: null });
    expect(await screen.findByLabelText("이메일")).toBeVisible();
    expect(screen.queryByRole("region", { name: "다른 서비스로 계속하기" })).toBeNull();
    expect(screen.queryByRole("link", { name: "이메일로 가입하기" })).toBeNull();
    unmount();
  }
});

test("signs up through a provider first, and by e-mail at an address of its own", async () => {
  const { user, here } = show(<RegisterPage />, { at: "/register?next=%2Fposts%2F3", as: null });
  await screen.findByRole("button", { name: "카카오로 계속하기" });
  expect(screen.queryByLabelText("이메일")).toBeNull();
  expect(screen.getByRole("link", { name: "로그인" })).toHaveAttribute("href", "/signin?next=%2Fposts%2F3");
  await user.click(screen.getByRole("link", { name: "이메일로 가입하기" }));
  expect(here()).toBe("/register/email?next=%2Fposts%2F3");
});

test("leads from the form to the other ways, if there are any", async () => {
  const some = show(<RegisterEmailPage />, { at: "/register/email?next=%2Fposts%2F3", as: null });
  expect(screen.getByRole("heading", { name: "이메일로 가입하기" })).toBeVisible();
  expect(screen.getByLabelText("이메일")).toBeVisible();
  expect(await screen.findByRole("link", { name: "다른 방법으로 가입하기" })).toHaveAttribute("href", "/register?next=%2Fposts%2F3");
  some.unmount();
});

test("says why one cannot leave", async () => {
  server.use(http.post("*/api/user/social/start/kakao/", () => problem(503, "social_unavailable", undefined, "지금은 이 방법으로 로그인할 수 없어요.")));
  const { user } = show(<SignInPage />, { at: "/signin", as: null });
  await user.click(await screen.findByRole("button", { name: "카카오로 계속하기" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("지금은 이 방법으로 로그인할 수 없어요.");
});

test("within other apps it says that Google does not work there", async () => {
  vi.spyOn(navigator, "userAgent", "get").mockReturnValue("Mozilla/5.0 (iPhone) KAKAOTALK 11.2.3");
  show(<SignInPage />, { at: "/signin", as: null });
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
  ["social_expired", "로그인하는 데 너무 오래 걸렸어요"],
  ["social_misconfigured", "이 로그인은 준비가 덜 됐어요"],
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
  let asked = "";
  server.use(
    http.get("*/api/user/social/pending/", ({ request }) => {
      asked = new URL(request.url).search;
      return HttpResponse.json({ provider: "kakao", username: "라이언", email: "" });
    }),
  );
  const { user, here } = arrives("pending=kakao&attempt=a1&next=%2Fposts%2F3");
  expect(await screen.findByText(/카카오로 확인했어요/)).toBeVisible();
  expect(asked).toBe("?attempt=a1");
  expect(screen.getByLabelText("닉네임")).toHaveValue("라이언");
  await user.click(screen.getByRole("button", { name: "가입하고 시작하기" }));
  expect(screen.getByLabelText("이메일")).toHaveFocus();
  expect(screen.getByLabelText("내 동네", { selector: "input" })).toBeInvalid();
  await user.type(screen.getByLabelText("이메일"), "ryan@example.com");
  await user.type(screen.getByLabelText("내 동네", { selector: "input" }), "서울특별시 종로구 혜화동");
  await user.click(screen.getByRole("button", { name: "가입하고 시작하기" }));
  await waitFor(() => expect(here()).toBe("/posts/3"));
  expect(bodies).toEqual([{ email: "ryan@example.com", username: "라이언", address: "서울특별시 종로구 혜화동", attempt: "a1" }]);
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
  expect(screen.getByText(/로그인한 뒤 내 정보의 로그인 방법에서 카카오를 연결해 주세요/)).toBeVisible();
  for (const link of screen.getAllByRole("link", { name: /로그인/ })) expect(link).toHaveAttribute("href", "/signin?next=%2Fme%2Fways");
  expect(current().user).toBeNull();
});

test("who has an account already can sign in from the form", async () => {
  pending("");
  arrives("pending=kakao&attempt=a1&next=%2Fboard");
  await screen.findByText(/카카오로 확인했어요/);
  expect(screen.getByText(/이미 회원이에요/)).toBeVisible();
  expect(screen.getByRole("link", { name: "로그인하고 연결하기" })).toHaveAttribute("href", "/signin?next=%2Fme%2Fways");
});

test.each([
  ["nothing_pending", 404, "가입할 시간이 지났거나 이미 가입을 마쳤어요. 처음부터 다시 시작해 주세요."],
  ["identity_taken", 409, "이미 다른 계정에 연결된 로그인이에요."],
] as const)("a form that is good no more (%s) leads through the provider again, to where one wanted", async (code, status, why) => {
  const asked = starts();
  pending("ryan@example.com");
  server.use(
    http.get("*/api/region/search/", () => HttpResponse.json({ regions: [] })),
    http.post("*/api/user/social/pending/", () => problem(status, code, undefined, why)),
  );
  const { user, unmount } = arrives("pending=kakao&attempt=a1&next=%2Fposts%2F3");
  await user.type(await screen.findByLabelText("내 동네", { selector: "input" }), "서울특별시 종로구 혜화동");
  await user.click(screen.getByRole("button", { name: "가입하고 시작하기" }));
  expect(await screen.findByRole("alert")).toHaveTextContent(why);
  expect(screen.queryByRole("button", { name: "가입하고 시작하기" })).toBeNull();
  await user.click(screen.getByRole("button", { name: "카카오로 다시 확인하기" }));
  await waitFor(() => expect(location.hash).toBe("#at-kakao"));
  expect(asked).toEqual([{ provider: "kakao", token: null, next: "/posts/3", link: false }]);
  unmount();

  // The same where the form is opened too late.
  server.use(http.get("*/api/user/social/pending/", () => problem(status, code, undefined, why)));
  arrives("pending=kakao&attempt=a1&next=%2Fposts%2F3");
  expect(await screen.findByRole("alert")).toHaveTextContent(why);
  expect(screen.getByRole("button", { name: "카카오로 다시 확인하기" })).toBeVisible();
  expect(screen.getByRole("link", { name: "로그인으로 가기" })).toHaveAttribute("href", "/signin?next=%2Fposts%2F3");
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

/** What needs the password of somebody who signed in long ago. */
function asks(bodies: unknown[], answer: () => Response) {
  return async ({ request }: { request: Request }) => {
    const body = (await request.json()) as { password?: string };
    bodies.push(body);
    if (!body.password) return problem(400, "invalid", { password: ["비밀번호를 입력해 주세요."] });
    if (body.password !== "happy-rice-1") return problem(400, "invalid", { password: ["비밀번호가 맞지 않아요."] });
    return answer();
  };
}

test("asks for the password before it links or cuts, if one signed in long ago", async () => {
  ways(true, "kakao");
  const linking: unknown[] = [];
  const cutting: unknown[] = [];
  server.use(
    http.post("*/api/user/social/start/google/", asks(linking, () => HttpResponse.json({ url: `${location.origin}/#at-google` }))),
    http.delete("*/api/user/social/linked/kakao/", asks(cutting, () => new HttpResponse(null, { status: 204 }))),
  );
  const { user } = show(<Ways />, { at: "/me/ways" });
  await user.click(await screen.findByRole("button", { name: "카카오 연결 끊기" }));
  await user.click(inside(await screen.findByRole("alertdialog")).getByRole("button", { name: "연결 끊기" }));
  await user.type(await screen.findByLabelText("비밀번호"), "sad-rice-1");
  await user.click(screen.getByRole("button", { name: "계속하기" }));
  expect(await screen.findByText("비밀번호가 맞지 않아요.")).toBeVisible();
  await user.clear(screen.getByLabelText("비밀번호"));
  await user.type(screen.getByLabelText("비밀번호"), "happy-rice-1");
  await user.click(screen.getByRole("button", { name: "계속하기" }));
  expect(await screen.findByText("카카오 연결을 끊었어요.")).toBeVisible();
  expect(cutting).toEqual([{}, { password: "sad-rice-1" }, { password: "happy-rice-1" }]);

  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await user.click(await screen.findByRole("button", { name: "Google 연결" }));
  await user.type(await screen.findByLabelText("비밀번호"), "happy-rice-1");
  await user.click(screen.getByRole("button", { name: "계속하기" }));
  await waitFor(() => expect(location.hash).toBe("#at-google"));
  const to = { next: "/me/ways", link: true };
  expect(linking).toEqual([to, { ...to, password: "happy-rice-1" }]);
});

test("a new password shows what else signs in, and can end it", async () => {
  ways(true, "kakao", "google");
  const bodies: unknown[] = [];
  server.use(
    http.post("*/api/user/changepassword/", async ({ request }) => {
      bodies.push(await request.json());
      return HttpResponse.json({ user: ann, linked: [] });
    }),
  );
  const { user } = show(<ChangePassword user={annUser} />, { at: "/me/password" });
  expect(await screen.findByText("비밀번호 말고 카카오, Google 로그인으로도 들어올 수 있어요.")).toBeVisible();
  expect(screen.getByLabelText("이 연결도 모두 끊기")).not.toBeChecked();
  await user.click(screen.getByLabelText("이 연결도 모두 끊기"));
  await user.type(screen.getByLabelText("현재 비밀번호"), "happy-rice-1");
  await user.type(screen.getByLabelText("새 비밀번호"), "happy-rice-2");
  await user.click(screen.getByRole("button", { name: "바꾸기" }));
  await waitFor(() => expect(bodies).toEqual([{ current_password: "happy-rice-1", new_password1: "happy-rice-2", new_password2: "happy-rice-2", unlink: true }]));
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
  await form.user.type(screen.getByLabelText("새 비밀번호"), "happy-rice-1");
  await form.user.click(screen.getByRole("button", { name: "만들기" }));
  expect(await screen.findByText("비밀번호를 만들었어요.")).toBeVisible();
  expect(bodies).toEqual([{ current_password: "", new_password1: "happy-rice-1", new_password2: "happy-rice-1" }]);
});
