import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { useState } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Schemas } from "../../../api/client";
import { show } from "../../../test/render";
import { http, HttpResponse, problem, server } from "../../../test/server";
import { account, place } from "../../../words/account";
import { common, refused } from "../../../words/ko";
import { AddressField } from "./AddressField";

const region = (address: string): Schemas["Region"] => {
  const [sido = "", sigungu = null, dong = null] = address.split(" ");
  return { address, sido, sigungu, dong };
};
const gangnam = region("서울특별시 강남구");
const yeoksam = region("서울특별시 강남구 역삼동");
const nonhyeon = region("서울특별시 강남구 논현동");

/** Finds these for each question, and notes the questions. */
function finds(answers: Record<string, Schemas["Region"][]>) {
  const asked: string[] = [];
  server.use(
    http.get("*/api/region/search/", ({ request }) => {
      const q = new URL(request.url).searchParams.get("q") ?? "";
      asked.push(q);
      return HttpResponse.json({ regions: answers[q] ?? [] });
    }),
  );
  return asked;
}

const submitted = vi.fn();

function Form({ first = "", suggestions }: { first?: string; suggestions?: string[] }) {
  const [value, setValue] = useState(first);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submitted(value);
      }}
    >
      <AddressField value={value} onChange={setValue} suggestions={suggestions} />
      <button type="submit">보내기</button>
    </form>
  );
}

const field = () => screen.getByRole("combobox", { name: "내 동네" });
/** Presses an arrow until the option is active: a list that has just come may miss a press, or know its first option only. */
async function highlights(user: ReturnType<typeof show>["user"], arrow: string, option: () => HTMLElement) {
  await waitFor(async () => {
    if (field().getAttribute("aria-activedescendant") !== option().id) await user.keyboard(arrow);
    expect(field()).toHaveAttribute("aria-activedescendant", option().id);
  });
}

const options = () => screen.queryAllByRole("option").map((option) => option.textContent);

beforeEach(() => {
  submitted.mockReset();
  vi.stubGlobal("isSecureContext", true);
});

test("finds what was begun to type, down to the dong, by keyboard", async () => {
  const asked = finds({ ㄱㄴㄱ: [gangnam], "서울특별시 강남구": [gangnam, nonhyeon, yeoksam] });
  const { user } = show(<Form />);
  await user.type(field(), "ㄱㄴㄱ");
  await waitFor(() => expect(options()).toEqual(["강남구 서울특별시"]));
  expect(asked).toEqual(["ㄱㄴㄱ"]); // not at each letter
  expect(field()).toHaveAttribute("aria-expanded", "true");
  expect(screen.getByText(place.count(1))).toHaveAttribute("role", "status");

  await highlights(user, "{ArrowDown}", () => screen.getByRole("option"));
  await user.keyboard("{Enter}");
  expect(field()).toHaveValue("서울특별시 강남구 ");
  expect(submitted).not.toHaveBeenCalled();

  await waitFor(() => expect(options()).toEqual(["논현동 서울특별시 강남구", "역삼동 서울특별시 강남구"]));
  await highlights(user, "{ArrowUp}", () => screen.getByRole("option", { name: /역삼동/ }));
  await user.keyboard("{Enter}");
  expect(field()).toHaveValue("서울특별시 강남구 역삼동");
  await waitFor(() => expect(options()).toEqual([]));
  expect(field()).toHaveAttribute("aria-expanded", "false");
  expect(field()).toHaveFocus();
  await user.keyboard("{Enter}");
  expect(submitted).toHaveBeenCalledWith("서울특별시 강남구 역삼동");
});

test("takes one by a press, and keeps the focus", async () => {
  finds({ 역삼: [yeoksam] });
  const { user } = show(<Form />);
  await user.type(field(), "역삼");
  await user.click(await screen.findByRole("option", { name: /역삼동/ }));
  expect(field()).toHaveValue("서울특별시 강남구 역삼동");
  expect(field()).toHaveFocus();
});

test("Enter takes the only one there is, and does not send the form", async () => {
  finds({ 역삼동: [yeoksam], 강남: [gangnam, yeoksam] });
  const { user } = show(<Form />);
  await user.type(field(), "역삼동");
  await screen.findByRole("option");
  await user.keyboard("{Enter}");
  expect(field()).toHaveValue("서울특별시 강남구 역삼동");
  expect(submitted).not.toHaveBeenCalled();

  await user.clear(field());
  await user.type(field(), "강남");
  await waitFor(() => expect(options()).toHaveLength(2));
  await user.keyboard("{Enter}");
  expect(field()).toHaveValue("강남");
});

test("keeps what is typed when nothing is chosen", async () => {
  finds({ 역삼: [yeoksam] });
  const { user } = show(<Form />);
  await user.type(field(), "역삼");
  await screen.findByRole("option");
  await user.keyboard("{Escape}");
  await waitFor(() => expect(options()).toEqual([]));
  await user.keyboard("{Escape}");
  expect(field()).toHaveValue("역삼");
  await user.keyboard("{ArrowDown}");
  await waitFor(() => expect(options()).toHaveLength(1));
  await user.tab();
  await waitFor(() => expect(options()).toEqual([]));
  expect(field()).toHaveValue("역삼");
});

test("searches for a syllable that is still being put together", async () => {
  const asked = finds({ 역: [yeoksam] });
  show(<Form />);
  field().focus();
  fireEvent.compositionStart(field());
  fireEvent.input(field(), { target: { value: "역" } });
  await waitFor(() => expect(options()).toHaveLength(1));
  expect(asked).toEqual(["역"]);
  fireEvent.keyDown(field(), { key: "Enter", isComposing: true, which: 229, keyCode: 229 });
  fireEvent.compositionEnd(field(), { data: "역" });
  expect(field()).toHaveValue("역");
});

test("says when there is no such neighbourhood", async () => {
  finds({});
  const { user } = show(<Form />);
  await user.type(field(), "ㅁㄴㅇㄹ");
  await waitFor(() => expect(field()).toHaveAccessibleDescription(place.nothing));
  expect(screen.getByRole("status")).toHaveTextContent(place.nothing);
  expect(field()).toHaveAttribute("aria-expanded", "false");
});

test("says why it cannot search, and tries again", async () => {
  server.use(http.get("*/api/region/search/", () => problem(503, "unavailable"), { once: true }));
  finds({ 역삼: [yeoksam] });
  server.use(http.get("*/api/region/search/", () => problem(503, "unavailable"), { once: true }));
  const { user } = show(<Form />);
  await user.type(field(), "역삼");
  await user.click(await screen.findByRole("button", { name: common.retry }));
  await waitFor(() => expect(options()).toEqual(["역삼동 서울특별시 강남구"]));
  expect(field()).toHaveValue("역삼");
});

test("asks whether another one was meant, and takes it by a press", async () => {
  finds({});
  const { user } = show(<Form first="서울 감남구 역삼동" suggestions={["서울특별시 강남구 역삼동", "서울특별시 강남구 역삼1동"]} />);
  expect(field()).toHaveValue("서울 감남구 역삼동");
  const group = screen.getByRole("group", { name: place.suggested });
  await user.click(within(group).getByRole("button", { name: "역삼1동 서울특별시 강남구" }));
  expect(field()).toHaveValue("서울특별시 강남구 역삼1동");
  expect(field()).toHaveFocus();
});

/** Lets the device be somewhere, or fail. */
function device(answer: { lat: number; lon: number } | { code: number }) {
  const geolocation = {
    getCurrentPosition(found: (position: object) => void, failed: (error: object) => void) {
      if ("code" in answer) failed(answer);
      else found({ coords: { latitude: answer.lat, longitude: answer.lon } });
    },
  };
  Object.defineProperty(navigator, "geolocation", { value: geolocation, configurable: true });
}

afterEach(() => {
  Reflect.deleteProperty(navigator, "geolocation");
});

function near(answer: () => Response) {
  const asked: string[] = [];
  server.use(
    http.get("*/api/region/near/", ({ request }) => {
      asked.push(new URL(request.url).search);
      return answer();
    }),
  );
  return asked;
}

const here = () => screen.getByRole("button", { name: "현재 위치" });

test("names where one is, and tells no more of it than that takes", async () => {
  device({ lat: 37.499512345, lon: 127.033498765 });
  const asked = near(() => HttpResponse.json({ ...yeoksam, exact: true, source: "kakao" }));
  const { user } = show(<Form />);
  await user.click(here());
  await waitFor(() => expect(field()).toHaveValue("서울특별시 강남구 역삼동"));
  expect(asked).toEqual(["?lat=37.5&lon=127.033"]);
});

test("asks for the dong where only the sigungu is known", async () => {
  device({ lat: 37.4995, lon: 127.0335 });
  near(() => HttpResponse.json({ ...gangnam, exact: false, source: "table" }));
  finds({ "서울특별시 강남구 역삼": [yeoksam] });
  const { user } = show(<Form />);
  await user.click(here());
  await waitFor(() => expect(field()).toHaveValue("서울특별시 강남구 "));
  expect(field()).toHaveAccessibleDescription(account.hereOnly);
  expect(field()).toHaveFocus();
  await user.keyboard("역삼");
  expect(field()).toHaveValue("서울특별시 강남구 역삼");
  expect(field()).toHaveAccessibleDescription(account.addressHint);
});

test("asks to check a dong that is only the nearest", async () => {
  device({ lat: 37.4995, lon: 127.0335 });
  near(() => HttpResponse.json({ ...yeoksam, exact: false, source: "table" }));
  const { user } = show(<Form />);
  await user.click(here());
  await waitFor(() => expect(field()).toHaveValue("서울특별시 강남구 역삼동"));
  expect(field()).toHaveAccessibleDescription(account.hereNearest);
  expect(field()).toHaveFocus();
});

test.each([
  ["it is not allowed", { code: 1 }, null, account.hereDenied],
  ["there is no signal", { code: 2 }, null, account.hereFailed],
  ["it takes too long", { code: 3 }, null, account.hereFailed],
  ["nobody lives there", { lat: 35.68, lon: 139.77 }, () => problem(404, "place_not_found"), refused.place_not_found],
  ["the server is away", { lat: 37.5, lon: 127 }, () => problem(503, "busy"), refused.busy],
  ["there is no network", { lat: 37.5, lon: 127 }, () => HttpResponse.error(), refused.offline],
] as const)("says so when %s, and keeps what was typed", async (_, where, answer, words) => {
  device(where);
  if (answer) near(answer);
  const { user } = show(<Form first="내 동네는" />);
  await user.click(here());
  await waitFor(() => expect(field()).toHaveAccessibleDescription(words));
  expect(field()).toHaveValue("내 동네는");
});

test("does not write over what one types while it looks", async () => {
  device({ lat: 37.4995, lon: 127.0335 });
  let answer = () => {};
  const held = new Promise<void>((resolve) => (answer = resolve));
  server.use(
    http.get("*/api/region/near/", async () => {
      await held;
      return HttpResponse.json({ ...yeoksam, exact: true, source: "kakao" });
    }),
  );
  finds({});
  const { user } = show(<Form />);
  await user.click(here());
  await user.type(field(), "부산");
  answer();
  await waitFor(() => expect(here()).not.toHaveAttribute("aria-busy", "true"));
  expect(field()).toHaveValue("부산");
});

test("does not offer what an insecure page cannot do", () => {
  device({ code: 1 });
  vi.stubGlobal("isSecureContext", false);
  show(<Form />);
  expect(screen.queryByRole("button", { name: "현재 위치" })).toBeNull();
});
