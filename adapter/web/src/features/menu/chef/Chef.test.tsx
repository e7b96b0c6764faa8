import { act, createEvent, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { Schemas } from "../../../api/client";
import { end } from "../../../api/session";
import { show } from "../../../test/render";
import { http, HttpResponse, problem, server } from "../../../test/server";
import { useOverlay } from "../../../ui/useOverlay";
import { Chef } from "./Chef";
import { inWords, lasts, type Turn } from "./conversation";
import { anotherSuggestion, suggestion } from "../fixture";
import { spotQuery } from "../queries";
import type { Spot } from "../spot";
import { chef as words } from "../../../words/menu";

type Suggestion = Schemas["Suggestion"];
type Answer = Suggestion | Response | Promise<Suggestion | Response>;

/** Answers, question by question; the last answer stays. Gives what was asked: null for no words. */
function serve(...answers: (() => Answer)[]) {
  const asked: unknown[] = [];
  const next = async () => {
    const answer = await (answers.length > 1 ? answers.shift()! : answers[0]!)();
    return answer instanceof Response ? answer : HttpResponse.json(answer);
  };
  server.use(
    http.get("*/api/openAPI/foodchoicer/", ({ request }) => {
      asked.push(new URL(request.url).search || null);
      return next();
    }),
    http.post("*/api/openAPI/foodchoicer/", async ({ request }) => {
      asked.push(await request.json());
      return next();
    }),
  );
  return asked;
}

const never = () => new Promise<Suggestion>(() => {});

function Opener() {
  const overlay = useOverlay();
  return (
    <>
      <button onClick={overlay.show}>뭐 먹지?</button>
      <Chef overlay={overlay} />
    </>
  );
}

async function open() {
  const shown = show(<Opener />, { at: "/board" });
  await shown.user.click(screen.getByRole("button", { name: "뭐 먹지?" }));
  return { ...shown, sheet: within(await screen.findByRole("dialog", { name: "뭐 먹지?" })) };
}

/** Opens it and asks the first question. */
async function ask() {
  const opened = await open();
  await opened.user.click(opened.sheet.getByRole("button", { name: "메뉴 추천받기" }));
  return opened;
}

const field = () => screen.getByRole("textbox", { name: "먹고 싶은 것 말하기" });

test("opening costs no question", async () => {
  const asked = serve(suggestion);
  const { sheet } = await open();
  expect(sheet.getByRole("button", { name: "메뉴 추천받기" })).toBeVisible();
  expect(asked).toEqual([]);
});

test("who asks has five menus, each with a way to a post", async () => {
  const asked = serve(suggestion);
  const { user, sheet, here } = await ask();
  expect(await sheet.findAllByText("이 메뉴로 모집하기")).toHaveLength(5);
  expect(sheet.getByText("비 오는 저녁이라 뜨끈한 국물이 어울려요.")).toBeVisible();
  expect(sheet.getByText("AI 추천 · 지금 21° 비")).toBeVisible();
  expect(sheet.getByText("오늘 9번 더 물어볼 수 있어요")).toBeVisible();
  expect(sheet.getByRole("status")).toHaveTextContent("메뉴 5개를 추천받았어요: 감자탕, 해물파전, 짬뽕, 칼국수, 쌀국수");
  expect(asked).toEqual([null]);

  await user.click(sheet.getByRole("link", { name: "감자탕 이 메뉴로 모집하기" }));
  expect(here()).toBe(`/posts/new?${new URLSearchParams({ category: "찜,탕,찌개", title: "감자탕 같이 시켜요" })}`);
});

test("what was said stays when it is closed, and costs no other question", async () => {
  const asked = serve(suggestion);
  const { user, sheet } = await ask();
  await sheet.findByRole("link", { name: /^감자탕 / });
  await user.click(sheet.getByRole("button", { name: "닫기" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await user.click(screen.getByRole("button", { name: "뭐 먹지?" }));
  expect(await screen.findByRole("link", { name: /^감자탕 / })).toBeVisible();
  expect(asked).toHaveLength(1);
});

test("asks on in one's own words, and keeps what was said before", async () => {
  const asked = serve(() => suggestion({ source: "pantry", weather: null }), anotherSuggestion);
  const { user, sheet } = await ask();
  expect(await sheet.findByText("밀버디 추천표")).toBeVisible();
  await user.type(field(), "  안 매운 국물로{Enter}");
  expect(await sheet.findByRole("link", { name: /^순두부찌개 / })).toBeVisible();
  expect(asked).toEqual([null, { message: "안 매운 국물로" }]);
  expect(field()).toHaveValue("");
  expect(sheet.getByRole("region", { name: "안 매운 국물로" })).toHaveTextContent("순두부찌개");
  expect(sheet.getByText("오늘 8번 더 물어볼 수 있어요")).toBeVisible();
  // Of the first answer only the names are left; they still lead to a post.
  expect(sheet.getByRole("link", { name: "짬뽕 이 메뉴로 모집하기" })).toBeVisible();
  expect(sheet.queryByText("비에 젖은 몸을 얼큰하게 데워 줘요.")).toBeNull();
});

test("recommends others", async () => {
  const asked = serve(suggestion, anotherSuggestion);
  const { user, sheet } = await ask();
  await user.click(await sheet.findByRole("button", { name: "다시 추천" }));
  expect(await sheet.findByRole("link", { name: /^순두부찌개 / })).toBeVisible();
  expect(sheet.getByRole("region", { name: "다시 추천" })).toHaveTextContent("순두부찌개");
  expect(asked).toEqual([null, null]);
});

test("looks at the weather of where one is, if that is known", async () => {
  const asked = serve(suggestion, anotherSuggestion);
  const shown = show(<Opener />, { at: "/board" });
  const spot: Spot = { lat: 37.57, lon: 126.98 };
  shown.cache.setQueryData(spotQuery.queryKey, spot);
  await shown.user.click(screen.getByRole("button", { name: "뭐 먹지?" }));
  await shown.user.click(screen.getByRole("button", { name: "메뉴 추천받기" }));
  await screen.findByRole("link", { name: /^감자탕 / });
  await shown.user.type(field(), "국물{Enter}");
  await screen.findByRole("link", { name: /^순두부찌개 / });
  expect(asked).toEqual(["?lat=37.57&lon=126.98", { message: "국물", lat: 37.57, lon: 126.98 }]);
});

test("what comes is text, whatever it looks like", async () => {
  const [first, ...others] = suggestion().menus;
  serve(() => suggestion({ menus: [{ ...first!, reason: "<img src=x onerror=alert(1)>" }, ...others] }));
  const { sheet } = await ask();
  expect(await sheet.findByText("<img src=x onerror=alert(1)>")).toBeVisible();
});

test("the Enter that ends a Hangul syllable sends nothing", async () => {
  const asked = serve(suggestion, anotherSuggestion);
  const { user, sheet } = await ask();
  await sheet.findByRole("link", { name: /^감자탕 / });
  await user.type(field(), "국물");
  const composed = [createEvent.keyDown(field(), { key: "Enter", isComposing: true }), createEvent.keyDown(field(), { key: "Enter", keyCode: 229 })];
  for (const event of composed) {
    fireEvent(field(), event);
    expect(event.defaultPrevented).toBe(false);
  }
  await user.keyboard("{Shift>}{Enter}{/Shift}");
  expect(field()).toHaveValue("국물\n");
  expect(asked).toHaveLength(1);
  await user.keyboard("{Enter}");
  await waitFor(() => expect(asked).toEqual([null, { message: "국물" }]));
});

test("the syllable that a keyboard writes once more does not stay", async () => {
  serve(suggestion, anotherSuggestion);
  const { user, sheet } = await ask();
  await sheet.findByRole("link", { name: /^감자탕 / });
  await user.type(field(), "국물");
  fireEvent.compositionStart(field());
  await user.click(sheet.getByRole("button", { name: "물어보기" }));
  fireEvent.change(field(), { target: { value: "물" } });
  fireEvent.compositionEnd(field());
  expect(field()).toHaveValue("");
});

test("takes 500 letters and says when it is too much", async () => {
  const asked = serve(suggestion, anotherSuggestion);
  const { user, sheet } = await ask();
  await sheet.findByRole("link", { name: /^감자탕 / });
  await user.click(field());
  await user.paste("👨‍👩‍👧‍👦".repeat(81));
  expect(sheet.getByText("500자까지 쓸 수 있어요.")).toBeVisible(); // as bytes it is
  await user.clear(field());
  await user.paste("밥".repeat(501));
  expect(sheet.getByRole("alert")).toHaveTextContent("500자까지 쓸 수 있어요.");
  expect(field()).toBeInvalid();
  await user.keyboard("{Enter}");
  expect(sheet.getByRole("button", { name: "물어보기" })).toBeDisabled();
  expect(asked).toHaveLength(1);
  await user.keyboard("{Backspace}{Enter}");
  await waitFor(() => expect(asked).toHaveLength(2));
});

test.each([
  [() => HttpResponse.error() as Response, "인터넷에 연결되지 않았어요."],
  [() => problem(503, "unavailable"), "지금은 메뉴를 고를 수 없어요. 잠시 뒤에 다시 시도해 주세요."],
  [() => problem(500, "internal"), "문제가 생겼어요. 잠시 뒤에 다시 시도해 주세요."],
])("says what went wrong, keeps what was typed, and tries again (%#)", async (failure, sentence) => {
  const asked = serve(suggestion, failure, anotherSuggestion);
  const { user, sheet } = await ask();
  await sheet.findByRole("link", { name: /^감자탕 / });
  await user.type(field(), "고기 빼고{Enter}");
  expect(await sheet.findByRole("alert")).toHaveTextContent(sentence);
  expect(field()).toHaveValue("고기 빼고");
  await user.click(sheet.getByRole("button", { name: "다시 시도" }));
  expect(await sheet.findByRole("link", { name: /^순두부찌개 / })).toBeVisible();
  expect(field()).toHaveValue("");
  expect(asked).toEqual([null, { message: "고기 빼고" }, { message: "고기 빼고" }]);
});

test("tries again after the very first question failed", async () => {
  serve(() => problem(503, "busy"), suggestion);
  const { user, sheet } = await ask();
  expect(await sheet.findByRole("alert")).toBeVisible();
  await user.click(sheet.getByRole("button", { name: "다시 시도" }));
  expect(await sheet.findByRole("link", { name: /^감자탕 / })).toBeVisible();
});

test("says what the server has against the words", async () => {
  serve(suggestion, () => problem(400, "invalid", { message: ["쓸 수 없는 글자가 있어요."] }));
  const { user, sheet } = await ask();
  await sheet.findByRole("link", { name: /^감자탕 / });
  await user.type(field(), "국물{Enter}");
  expect(await sheet.findByRole("alert")).toHaveTextContent("쓸 수 없는 글자가 있어요.");
  expect(field()).toHaveValue("국물");
});

test("says when there are questions again", async () => {
  serve(suggestion, () => {
    const response = problem(429, "menu_quota");
    response.headers.set("Retry-After", "600");
    return response;
  });
  const { user, sheet } = await ask();
  await sheet.findByRole("link", { name: /^감자탕 / });
  await user.type(field(), "국물{Enter}");
  expect(await sheet.findByRole("alert")).toHaveTextContent("오늘 받을 수 있는 추천을 다 썼어요. 10분 뒤에 다시 물어볼 수 있어요.");
  expect(sheet.queryByRole("button", { name: "다시 시도" })).toBeNull();
  expect(field()).toHaveValue("국물");
});

test("after the last question it says so before one asks", async () => {
  serve(() => suggestion({ remaining: 0 }));
  const { sheet } = await ask();
  expect(await sheet.findByText(/다 썼어요\. 내일 0시에/)).toBeVisible();
  expect(sheet.getByRole("button", { name: "다시 추천" })).toBeDisabled();
});

test("who is signed out meanwhile is led to sign in, and finds the words again", async () => {
  serve(suggestion, () => problem(401, "not_signed_in"));
  server.use(http.post("*/api/user/refresh/", () => problem(401, "not_signed_in")));
  const { user, sheet } = await ask();
  await sheet.findByRole("link", { name: /^감자탕 / });
  await user.type(field(), "국물{Enter}");
  expect(await sheet.findByRole("alert")).toHaveTextContent("로그인이 필요해요.");
  expect(sheet.getByRole("link", { name: "로그인하기" })).toHaveAttribute("href", "/signin?next=%2Fboard");
});

test("says that it takes long, and lets go", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  serve(suggestion, never);
  const { user, sheet } = await ask();
  await sheet.findByRole("link", { name: /^감자탕 / });
  await user.type(field(), "천천히{Enter}");
  expect(await sheet.findByText("메뉴를 고르고 있어요…")).toBeVisible();
  expect(sheet.queryByRole("button", { name: "그만두기" })).toBeNull();
  await act(() => vi.advanceTimersByTimeAsync(4000));
  expect(sheet.getByText("꼼꼼히 고르는 중이에요…")).toBeVisible();
  await act(() => vi.advanceTimersByTimeAsync(6000));
  expect(sheet.getByText("조금만 더 기다려 주세요…")).toBeVisible();
  await user.click(sheet.getByRole("button", { name: "그만두기" }));
  await waitFor(() => expect(field()).toHaveValue("천천히"));
  expect(sheet.queryByRole("alert")).toBeNull();
  expect(sheet.getByRole("link", { name: /^감자탕 / })).toBeVisible();
});

test("does not take the place of what is typed while it waits", async () => {
  let fail = () => {};
  serve(suggestion, () => new Promise<Response>((resolve) => (fail = () => resolve(problem(503, "unavailable")))));
  const { user, sheet } = await ask();
  await sheet.findByRole("link", { name: /^감자탕 / });
  await user.type(field(), "국물{Enter}");
  await sheet.findByText("메뉴를 고르고 있어요…");
  await user.type(field(), "아니 면{Enter}");
  expect(field()).toHaveValue("아니 면");
  fail();
  expect(await sheet.findByRole("alert")).toBeVisible();
  expect(field()).toHaveValue("아니 면");
});

test("forgets the talk, there and here", async () => {
  serve(suggestion, anotherSuggestion);
  let forgotten = 0;
  server.use(http.delete("*/api/openAPI/foodchoicer/", () => ((forgotten += 1), new HttpResponse(null, { status: 204 }))));
  const { user, sheet } = await ask();
  await sheet.findByRole("link", { name: /^감자탕 / });
  await user.click(sheet.getByRole("button", { name: "대화 지우기" }));
  expect(await sheet.findByRole("button", { name: "메뉴 추천받기" })).toBeVisible();
  expect(sheet.queryByRole("link", { name: /^감자탕 / })).toBeNull();
  expect(field()).toHaveFocus();
  expect(forgotten).toBe(1);
  await user.click(sheet.getByRole("button", { name: "고기 빼고" }));
  expect(await sheet.findByRole("link", { name: /^순두부찌개 / })).toBeVisible();
});

test("keeps the talk that could not be forgotten", async () => {
  serve(suggestion);
  server.use(http.delete("*/api/openAPI/foodchoicer/", () => problem(503, "unavailable")));
  const { user, sheet } = await ask();
  await sheet.findByRole("link", { name: /^감자탕 / });
  await user.click(sheet.getByRole("button", { name: "대화 지우기" }));
  expect(await sheet.findByRole("alert")).toHaveTextContent("지금은 이용할 수 없어요. 잠시 뒤에 다시 시도해 주세요.");
  expect(sheet.getByRole("link", { name: /^감자탕 / })).toBeVisible();
});

test("nothing of it outlives signing out", async () => {
  serve(suggestion);
  const { sheet } = await ask();
  await sheet.findByRole("link", { name: /^감자탕 / });
  expect(Object.keys(localStorage)).toContain("mealbuddy.draft.1.menu-talk");
  act(() => end());
  expect(screen.queryByRole("link", { name: /^감자탕 / })).toBeNull();
});

test("a talk lasts as long as the server's", () => {
  const at = Date.parse("2026-09-14T09:00:00+09:00");
  const turns: Turn[] = [{ ...suggestion(), menus: [], ask: null, weather: "", at }];
  const hour = 60 * 60_000;
  expect(lasts([], at)).toBe(false);
  expect(lasts(turns, at + 3.9 * hour)).toBe(true);
  expect(lasts(turns, at + 4 * hour)).toBe(false);
  const late: Turn[] = [{ ...turns[0]!, at: Date.parse("2026-09-15T02:00:00+09:00") }];
  expect(lasts(late, Date.parse("2026-09-15T03:59:00+09:00"))).toBe(true);
  expect(lasts(late, Date.parse("2026-09-15T04:00:00+09:00"))).toBe(false);
});

test("says when to come back as people do", () => {
  const noon = new Date(2026, 8, 14, 12, 0, 0);
  const say = (seconds: number) => inWords(seconds, noon, words);
  expect(say(0)).toBe("내일");
  expect(say(59)).toBe("1분 뒤에");
  expect(say(12 * 3600)).toBe("내일 0시에");
  expect(say(12 * 3600 - 1)).toBe("내일 0시에");
  expect(say(5400)).toBe("오늘 13시 30분에");
});
