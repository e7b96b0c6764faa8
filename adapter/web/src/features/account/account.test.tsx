import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { current, token, useSession } from "../../api/session";
import { show } from "../../test/render";
import { ann, annUser, http, HttpResponse, problem, server } from "../../test/server";
import { ChangePassword } from "./password/ChangePassword";
import { checkPassword } from "./check";
import { neighbourhood } from "./address/postcode";
import { AccountLinks, ProfileForm } from "./profile/Profile";
import { Register } from "./register/Register";
import { SignIn, SignInNote } from "./signin/SignIn";
import { SignIns } from "./devices/SignIns";
import { strengthOf } from "./strength";
import { Withdraw } from "./withdraw/Withdraw";

/** What arrived at a route, and its answer. */
function hears(path: string, answer: () => Response) {
  const bodies: unknown[] = [];
  server.use(
    http.post(`*${path}`, async ({ request }) => {
      bodies.push(await request.json());
      return answer();
    }),
  );
  return bodies;
}

const signed = (user = ann, status = 200) => HttpResponse.json({ user }, { status });
const field = (name: string) => screen.getByLabelText(name, { selector: "input" });

function Me() {
  const { user } = useSession();
  return user && <ProfileForm user={user} />;
}

test("signs in", async () => {
  const bodies = hears("/api/user/login/", () => signed());
  const { user } = show(<SignIn />, { at: "/signin", as: null });
  await user.type(field("이메일"), " ann@example.com ");
  await user.type(field("비밀번호"), "test1234{Enter}");
  await waitFor(() => expect(current().user).toEqual(annUser));
  expect(bodies).toEqual([{ email: "ann@example.com", password: "test1234" }]);
});

test("says that a sign-in was refused, and keeps what was typed", async () => {
  hears("/api/user/login/", () => problem(401, "invalid_credentials"));
  const { user } = show(<SignIn />, { at: "/signin", as: null });
  await user.type(field("이메일"), "ann@example.com");
  await user.type(field("비밀번호"), "wrong{Enter}");
  expect(await screen.findByRole("alert")).toHaveTextContent("이메일이나 비밀번호가 맞지 않아요.");
  expect(field("이메일")).toHaveValue("ann@example.com");
  expect(field("비밀번호")).toHaveValue("wrong");
  expect(current().user).toBeNull();
});

test("asks for what is missing before it asks the server", async () => {
  const { user } = show(<SignIn />, { at: "/signin", as: null });
  await user.click(screen.getByRole("button", { name: "로그인" }));
  expect(field("이메일")).toHaveAccessibleDescription(/이메일 주소를 적어/);
  expect(field("비밀번호")).toBeInvalid();
  expect(field("이메일")).toHaveFocus();
});

test("leads to the sign-up with the way back", () => {
  show(
    <>
      <SignInNote />
      <SignIn />
    </>,
    { at: "/signin?next=%2Fposts%2F3", as: null },
  );
  expect(screen.getByRole("link", { name: "회원가입" })).toHaveAttribute("href", "/register?next=%2Fposts%2F3");
  expect(screen.getByText(/보던 곳으로/)).toBeVisible();
});

// Nothing is suggested unless a test says so.
beforeEach(() => server.use(http.get("*/api/region/search/", () => HttpResponse.json({ regions: [] }))));

async function fillIn(user: ReturnType<typeof show>["user"]) {
  await user.type(field("이메일"), "ann@example.com");
  await user.type(field("닉네임"), "앤");
  await user.clear(field("닉네임"));
  await user.type(field("닉네임"), "밥친구");
  await user.type(field("비밀번호"), "happy-rice-1");
  await user.type(field("내 동네"), "서울특별시 강남구 역삼동");
}

test("registers, and says hello", async () => {
  const bodies = hears("/api/user/register/", () => signed({ ...ann, username: "밥친구" }, 201));
  const { user } = show(<Register />, { at: "/register", as: null });
  await fillIn(user);
  await user.click(screen.getByRole("button", { name: "가입하고 시작하기" }));
  expect(await screen.findByText("밥친구 님, 반가워요!")).toBeVisible();
  expect(bodies).toEqual([
    {
      email: "ann@example.com",
      username: "밥친구",
      password: "happy-rice-1",
      password2: "happy-rice-1",
      address: "서울특별시 강남구 역삼동",
    },
  ]);
  expect(current().user?.username).toBe("밥친구");
  expect(sessionStorage).toHaveLength(0);
});

test("shows what the server finds wrong at each field, and goes to the first", async () => {
  hears("/api/user/register/", () =>
    problem(400, "invalid", { username: ["이미 쓰고 있는 닉네임이에요."], address: ["이 동네는 찾을 수 없어요."] }),
  );
  const { user } = show(<Register />, { at: "/register", as: null });
  await fillIn(user);
  await user.click(screen.getByRole("button", { name: "가입하고 시작하기" }));
  await waitFor(() => expect(field("닉네임")).toHaveAccessibleDescription("이미 쓰고 있는 닉네임이에요."));
  expect(field("내 동네")).toHaveAccessibleDescription("이 동네는 찾을 수 없어요.");
  expect(field("닉네임")).toHaveFocus();
  expect(field("비밀번호")).toHaveValue("happy-rice-1");
  await user.type(field("닉네임"), "2");
  expect(field("닉네임")).toBeValid();
  expect(field("내 동네")).toBeInvalid();
});

test("says what is wrong with a field when one leaves it", async () => {
  const { user } = show(<Register />, { at: "/register", as: null });
  await user.type(field("이메일"), "nobody");
  await user.tab();
  expect(field("이메일")).toHaveAccessibleDescription(/모양이 아니에요/);
  await user.type(field("비밀번호"), "12345678");
  await user.tab();
  expect(field("비밀번호")).toHaveAccessibleDescription(/숫자만으로는/);
  expect(field("닉네임")).toBeValid(); // not touched yet
});

test("keeps what was typed over a reload, but no password", async () => {
  const first = show(<Register />, { at: "/register", as: null });
  await fillIn(first.user);
  first.unmount();
  show(<Register />, { at: "/register", as: null });
  expect(field("이메일")).toHaveValue("ann@example.com");
  expect(field("내 동네")).toHaveValue("서울특별시 강남구 역삼동");
  expect(field("비밀번호")).toHaveValue("");
  expect(JSON.stringify({ ...sessionStorage })).not.toContain("happy-rice-1");
});

test("shows a password when asked to, and one types on where one was", async () => {
  const { user } = show(<Register />, { at: "/register", as: null });
  await user.type(field("비밀번호"), "happy-rice-1");
  await user.keyboard("{ArrowLeft}{ArrowLeft}");
  expect(field("비밀번호")).toHaveAttribute("type", "password");
  const eye = screen.getByRole("button", { name: "비밀번호 보기", pressed: false });
  await user.click(eye);
  expect(field("비밀번호")).toHaveAttribute("type", "text");
  expect(eye).toHaveAttribute("aria-pressed", "true");
  expect(field("비밀번호")).toHaveFocus();
  await user.keyboard("s");
  expect(field("비밀번호")).toHaveValue("happy-rices-1");
  // By keys the focus is at the eye, and stays there.
  await user.tab();
  await user.keyboard("{Enter}");
  expect(eye).toHaveFocus();
  expect(field("비밀번호")).toHaveAttribute("type", "password");
});

test("takes the neighbourhood from the postcode search", async () => {
  vi.stubGlobal("kakao", {
    Postcode: class {
      constructor(private options: { oncomplete: (found: object) => void; submitMode: boolean; shorthand: boolean }) {
        expect(options).toMatchObject({ submitMode: false, shorthand: false });
      }
      embed(into: HTMLElement) {
        const button = document.createElement("button");
        button.textContent = "강남대로 396";
        button.onclick = () => this.options.oncomplete({ sido: "서울특별시", sigungu: "강남구", bname: "역삼동", bname1: "", bname2: "역삼동" });
        into.append(button);
      }
    },
  });
  const { user } = show(<Register />, { at: "/register", as: null });
  await user.click(screen.getByRole("button", { name: "주소 검색" }));
  await waitFor(() => expect(document.querySelector("script[src*=postcode]")).not.toBeNull());
  document.querySelector("script[src*=postcode]")?.dispatchEvent(new Event("load"));
  await user.click(await screen.findByText("강남대로 396"));
  await waitFor(() => expect(field("내 동네")).toHaveValue("서울특별시 강남구 역삼동"));
});

test.each([
  [{ sido: "서울특별시", sigungu: "강남구", bname: "역삼동", bname1: "", bname2: "역삼동" }, "서울특별시 강남구 역삼동"],
  [{ sido: "경기도", sigungu: "성남시 분당구", bname: "정자동", bname1: "", bname2: "정자동" }, "경기도 성남시 분당구 정자동"],
  [{ sido: "충청남도", sigungu: "홍성군", bname: "신경리", bname1: "홍북읍", bname2: "신경리" }, "충청남도 홍성군 홍북읍"],
  [{ sido: "세종특별자치시", sigungu: "", bname: "어진동", bname1: "", bname2: "어진동" }, "세종특별자치시 어진동"],
])("knows the neighbourhood of an address: %#", (found, expected) => {
  expect(neighbourhood(found)).toBe(expected);
});

test("changes only what was changed", async () => {
  const bodies = hears("/api/user/update/", () => signed({ ...ann, username: "앤이" }));
  const { user } = show(<Me />, { at: "/me" });
  expect(screen.getByRole("button", { name: "저장하기" })).toBeDisabled();
  await user.type(field("닉네임"), "이");
  await user.click(screen.getByRole("button", { name: "저장하기" }));
  expect(await screen.findByText("저장했어요.")).toBeVisible();
  expect(bodies).toEqual([{ username: "앤이" }]);
  expect(current().user?.username).toBe("앤이");
});

test("says what is wrong with a new name", async () => {
  hears("/api/user/update/", () => problem(400, "invalid", { username: ["이미 쓰고 있는 닉네임이에요."] }));
  const { user } = show(<Me />, { at: "/me" });
  await user.type(field("닉네임"), "이");
  await user.click(screen.getByRole("button", { name: "저장하기" }));
  await waitFor(() => expect(field("닉네임")).toHaveAccessibleDescription("이미 쓰고 있는 닉네임이에요."));
  expect(field("닉네임")).toHaveFocus();
});

test("signs out once the server knows", async () => {
  server.use(http.post("*/api/user/logout/", () => HttpResponse.error(), { once: true }));
  const { user } = show(<AccountLinks />, { at: "/me" });
  await user.click(screen.getByRole("button", { name: "로그아웃" }));
  // Once to be seen, once to be read out.
  expect(await screen.findAllByText(/인터넷에 연결되지 않았어요/)).toHaveLength(2);
  expect(current().user).toEqual(annUser);

  server.use(http.post("*/api/user/logout/", () => new HttpResponse(null, { status: 204 })));
  await user.click(screen.getByRole("button", { name: "로그아웃" }));
  await waitFor(() => expect(current()).toEqual({ user: null, ended: "chosen" }));
  expect(await screen.findByText("로그아웃했어요.")).toBeVisible();
});

test("changes the password and goes on with the new token", async () => {
  const bodies = hears("/api/user/changepassword/", () => signed({ ...ann, token: "ann.token.two" }));
  const { user, here } = show(<ChangePassword user={ann} />, { at: "/me/password" });
  await user.type(field("현재 비밀번호"), "test1234");
  await user.type(field("새 비밀번호"), "happy-rice-1{Enter}");
  await waitFor(() => expect(here()).toBe("/me"));
  expect(bodies).toEqual([{ current_password: "test1234", new_password1: "happy-rice-1", new_password2: "happy-rice-1" }]);
  expect(token()).toBe("ann.token.two");
  expect(await screen.findByText("비밀번호를 바꿨어요.")).toBeVisible();
});

test("says which of the passwords is wrong", async () => {
  hears("/api/user/changepassword/", () => problem(400, "invalid", { current_password: ["현재 비밀번호가 맞지 않아요."] }));
  const { user } = show(<ChangePassword user={ann} />, { at: "/me/password" });
  await user.type(field("현재 비밀번호"), "test1234");
  await user.type(field("새 비밀번호"), "test1234{Enter}");
  expect(field("새 비밀번호")).toHaveAccessibleDescription("지금 쓰는 비밀번호와 같아요.");
  await user.clear(field("새 비밀번호"));
  await user.type(field("새 비밀번호"), "happy-rice-1");
  await user.click(screen.getByRole("button", { name: "바꾸기" }));
  await waitFor(() => expect(field("현재 비밀번호")).toHaveAccessibleDescription("현재 비밀번호가 맞지 않아요."));
  expect(field("현재 비밀번호")).toHaveFocus();
});

test("withdraws only after asking again", async () => {
  const bodies = hears("/api/user/delete/", () => new HttpResponse(null, { status: 204 }));
  const { user } = show(<Withdraw user={ann} />, { at: "/me/withdraw" });
  await user.type(field("확인을 위해 비밀번호를 적어 주세요"), "test1234{Enter}");
  const question = await screen.findByRole("alertdialog");
  expect(bodies).toEqual([]);
  await user.click(within(question).getByRole("button", { name: "탈퇴하기" }));
  await waitFor(() => expect(current()).toEqual({ user: null, ended: "chosen" }));
  expect(bodies).toEqual([{ password: "test1234" }]);
});

test("stays when the question is answered with no, or the password is wrong", async () => {
  hears("/api/user/delete/", () => problem(400, "invalid", { password: ["비밀번호가 맞지 않아요."] }));
  const { user } = show(<Withdraw user={ann} />, { at: "/me/withdraw" });
  const password = field("확인을 위해 비밀번호를 적어 주세요");
  await user.type(password, "wrong{Enter}");
  await user.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "취소" }));
  await waitFor(() => expect(screen.queryByRole("alertdialog")).toBeNull());
  await user.type(password, "{Enter}");
  await user.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "탈퇴하기" }));
  await waitFor(() => expect(password).toHaveAccessibleDescription("비밀번호가 맞지 않아요."));
  expect(current().user).toEqual(annUser);
});

test("knows the rules of a password", () => {
  expect(checkPassword("test1234")).toBeUndefined();
  expect(checkPassword("password123")).toBeUndefined();
  for (const bad of ["", "short", "12345678", "aaaaaaaa", "Ann@Example.com", "x".repeat(129)]) {
    expect(checkPassword(bad, { email: "ann@example.com" })).toBeDefined();
  }
  expect(checkPassword("밥친구밥친구밥친", { username: "밥친구밥친구밥친" })).toBeDefined();
  expect(checkPassword("가".repeat(60) + "나".repeat(68))).toBeUndefined();
  expect(checkPassword("🍗🍕".repeat(64))).toBeUndefined();
  expect(checkPassword(`${"👨‍👩‍👧".repeat(20)}${"🍗".repeat(28)}`)).toBeUndefined();
});

test.each([
  ["12345678", 0, /숫자만으로는/],
  ["aaaaaaaa", 0, /한 글자만/],
  ["ann@example.com", 0, /이메일이나 닉네임과/],
  ["bob.kim@", 1, /낱말을 하나 더/],
  ["password1", 1, /누구나 떠올리는/],
  ["abcdefgh1", 1, /이어지거나 되풀이되는/],
  ["zzzzzzzzzz1", 1, /이어지거나 되풀이되는/],
  ["밥친구밥친구99", 1, /닉네임이나 이메일이/],
  ["hprwkntqvs", 2, /낱말을 하나 더/],
  ["happy-rice-1", 2, /숫자나 기호|낱말을 하나 더/],
  ["happy-rice-and-beans", 3, /다른 곳에서 쓰지 않는/],
  ["치킨은 역시 반반무", 3, /다른 곳에서 쓰지 않는/],
] as const)("says how strong %s is, and what would help", (password, level, hint) => {
  const strength = strengthOf(password, { email: "ann@example.com", username: "밥친구" });
  expect(strength.hint).toMatch(hint);
  expect(strength.level).toBe(level);
});

test("says the strength as one types, and never stands in the way of what may be used", async () => {
  const bodies = hears("/api/user/register/", () => signed(ann, 201));
  const { user } = show(<Register />, { at: "/register", as: null });
  await fillIn(user);
  await user.clear(field("비밀번호"));
  await user.type(field("비밀번호"), "test123");
  const strength = screen.getAllByRole("status").find((status) => status.textContent === "");
  expect(strength).toBeDefined(); // too short to say anything
  await user.type(field("비밀번호"), "4");
  expect(strength).toHaveTextContent("약해요. 누구나 떠올리는 낱말을 빼 보세요.");
  await user.click(screen.getByRole("button", { name: "가입하고 시작하기" }));
  await waitFor(() => expect(bodies).toMatchObject([{ password: "test1234" }]));
});

const devices = [
  { id: 42, device: "Chrome · Android", place: "지금과 같은 네트워크", created_at: "2026-09-01T01:34:49Z", last_seen_at: "2026-09-14T05:00:00Z", current: true },
  { id: 7, device: "Safari · iPhone", place: "네트워크 203.0.113.0/24", created_at: "2026-08-30T10:02:11Z", last_seen_at: "2026-09-13T22:41:05Z", current: false },
];

const listed = (all = devices) => server.use(http.get("*/api/user/sessions/", () => HttpResponse.json(all)));

test("lists the devices, and ends one after asking", async () => {
  listed();
  const ended: unknown[] = [];
  server.use(
    http.delete("*/api/user/sessions/:id/", ({ params }) => {
      ended.push(params["id"]);
      return new HttpResponse(null, { status: 204 });
    }),
  );
  const { user } = show(<SignIns />, { at: "/me/devices" });
  const [here, there] = await screen.findAllByRole("listitem");
  expect(here).toHaveTextContent("Chrome · Android이 기기지금과 같은 네트워크지금 쓰고 있어요");
  expect(within(here!).queryByRole("button")).toBeNull();
  expect(there).toHaveTextContent(/네트워크 203.0.113.0\/24마지막 사용 \S+/);
  await user.click(screen.getByRole("button", { name: "Safari · iPhone 로그아웃" }));
  const question = await screen.findByRole("alertdialog", { name: "Safari · iPhone에서 로그아웃할까요?" });
  expect(question).toHaveTextContent("열려 있던 채팅도 끊겨요");
  expect(ended).toEqual([]);
  await user.click(within(question).getByRole("button", { name: "로그아웃" }));
  await waitFor(() => expect(there).not.toBeInTheDocument());
  expect(ended).toEqual(["7"]);
  expect(await screen.findByText("Safari · iPhone에서 로그아웃했어요.")).toBeVisible();
  expect(current().user).toEqual(annUser);
});

test("a device that was ended meanwhile is gone; of another refusal one is told", async () => {
  listed();
  server.use(http.delete("*/api/user/sessions/7/", () => problem(503, "unavailable"), { once: true }));
  const { user } = show(<SignIns />, { at: "/me/devices" });
  await user.click(await screen.findByRole("button", { name: "Safari · iPhone 로그아웃" }));
  const question = await screen.findByRole("alertdialog");
  await user.click(within(question).getByRole("button", { name: "로그아웃" }));
  expect(await within(question).findByRole("alert")).toHaveTextContent("지금은 이용할 수 없어요");
  server.use(http.delete("*/api/user/sessions/7/", () => problem(404, "session_not_found")));
  await user.click(within(question).getByRole("button", { name: "로그아웃" }));
  await waitFor(() => expect(screen.getAllByRole("listitem")).toHaveLength(1));
});

test("signs out everywhere", async () => {
  listed();
  server.use(http.delete("*/api/user/sessions/", () => new HttpResponse(null, { status: 204 })));
  const { user } = show(<SignIns />, { at: "/me/devices" });
  await user.click(await screen.findByRole("button", { name: "모두 로그아웃" }));
  const question = await screen.findByRole("alertdialog");
  expect(question).toHaveTextContent("이 기기를 비롯한 모든 기기");
  await user.click(within(question).getByRole("button", { name: "로그아웃" }));
  await waitFor(() => expect(current()).toEqual({ user: null, ended: "chosen" }));
});

test("says why the devices are not there, and tries again", async () => {
  server.use(http.get("*/api/user/sessions/", () => problem(503, "unavailable"), { once: true }));
  listed();
  server.use(http.get("*/api/user/sessions/", () => problem(503, "unavailable"), { once: true }));
  const { user } = show(<SignIns />, { at: "/me/devices" });
  expect(await screen.findByRole("alert")).toHaveTextContent("지금은 이용할 수 없어요");
  await user.click(screen.getByRole("button", { name: "다시 시도" }));
  expect(await screen.findAllByRole("listitem")).toHaveLength(2);
});
