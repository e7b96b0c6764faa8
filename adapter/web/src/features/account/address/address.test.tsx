import { fireEvent, screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Schemas } from "../../../api/client";
import { show } from "../../../test/render";
import { http, HttpResponse, problem, server } from "../../../test/server";
import { account } from "../../../words/account";
import { refused } from "../../../words/ko";
import { AddressField } from "./AddressField";

const region = (address: string): Schemas["Region"] => {
  const [sido = "", sigungu = null, dong = null] = address.split(" ");
  return { address, sido, sigungu, dong };
};
const gangnam = region("서울특별시 강남구");
const yeoksam = region("서울특별시 강남구 역삼동");
const nonhyeon = region("서울특별시 강남구 논현동");

/** Suggests these for each question, and notes the questions. */
function suggests(answers: Record<string, Schemas["Region"][]>) {
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

function Form({ first = "" }: { first?: string }) {
  const [value, setValue] = useState(first);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submitted(value);
      }}
    >
      <AddressField value={value} onChange={setValue} />
      <button type="submit">보내기</button>
    </form>
  );
}

const field = () => screen.getByRole("combobox", { name: "내 동네" });
const options = () => screen.queryAllByRole("option").map((option) => option.textContent);

beforeEach(() => {
  submitted.mockReset();
  vi.stubGlobal("isSecureContext", true);
});

test("suggests what was begun to type, down to the dong, by keyboard", async () => {
  const asked = suggests({ ㄱㄴㄱ: [gangnam], "서울특별시 강남구": [gangnam, nonhyeon, yeoksam] });
  const { user } = show(<Form />);
  await user.type(field(), "ㄱㄴㄱ");
  await waitFor(() => expect(options()).toEqual(["서울특별시 강남구"]));
  expect(asked).toEqual(["ㄱㄴㄱ"]); // not at each letter
  expect(field()).toHaveAttribute("aria-expanded", "true");
  expect(screen.getByText(account.suggested(1))).toHaveAttribute("role", "status");

  await user.keyboard("{ArrowDown}");
  expect(field()).toHaveAttribute("aria-activedescendant", screen.getByRole("option", { selected: true }).id);
  await user.keyboard("{Enter}");
  expect(field()).toHaveValue("서울특별시 강남구 ");
  expect(submitted).not.toHaveBeenCalled();

  await waitFor(() => expect(options()).toEqual(["서울특별시 강남구 논현동", "서울특별시 강남구 역삼동"]));
  await user.keyboard("{ArrowUp}");
  expect(screen.getByRole("option", { selected: true })).toHaveTextContent("역삼동");
  await user.keyboard("{ArrowDown}{ArrowDown}{Enter}");
  expect(field()).toHaveValue("서울특별시 강남구 역삼동");
  expect(options()).toEqual([]);
  expect(field()).toHaveAttribute("aria-expanded", "false");
  expect(field()).toHaveFocus();
  await user.keyboard("{Enter}");
  expect(submitted).toHaveBeenCalledWith("서울특별시 강남구 역삼동");
});

test("takes a suggestion by a press, and keeps the focus", async () => {
  suggests({ 역삼: [yeoksam] });
  const { user } = show(<Form />);
  await user.type(field(), "역삼");
  await user.click(await screen.findByRole("option", { name: "서울특별시 강남구 역삼동" }));
  expect(field()).toHaveValue("서울특별시 강남구 역삼동");
  expect(field()).toHaveFocus();
});

test("keeps what is typed when nothing is chosen", async () => {
  suggests({ 역삼: [yeoksam] });
  const { user } = show(<Form />);
  await user.type(field(), "역삼");
  await screen.findByRole("option");
  await user.keyboard("{Escape}");
  expect(options()).toEqual([]);
  expect(field()).toHaveValue("역삼");
  await user.keyboard("{ArrowDown}");
  await waitFor(() => expect(options()).toHaveLength(1));
  await user.tab();
  expect(options()).toEqual([]);
  expect(field()).toHaveValue("역삼");
});

test("leaves the keys to an input method at work", async () => {
  suggests({ 역삼: [yeoksam] });
  const { user } = show(<Form />);
  await user.type(field(), "역삼");
  await screen.findByRole("option");
  await user.keyboard("{ArrowDown}");
  fireEvent.keyDown(field(), { key: "Enter", isComposing: true });
  expect(field()).toHaveValue("역삼");
});

test("says when there are no suggestions to be had", async () => {
  server.use(http.get("*/api/region/search/", () => problem(503, "unavailable")));
  const { user } = show(<Form />);
  await user.type(field(), "역삼");
  await waitFor(() => expect(field()).toHaveAccessibleDescription(account.suggestFailed));
  expect(field()).toHaveValue("역삼");
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
  suggests({ "서울특별시 강남구 역삼": [yeoksam] });
  const { user } = show(<Form />);
  await user.click(here());
  await waitFor(() => expect(field()).toHaveValue("서울특별시 강남구 "));
  expect(field()).toHaveAccessibleDescription(account.hereOnly);
  expect(field()).toHaveFocus();
  await user.keyboard("역삼");
  expect(field()).toHaveValue("서울특별시 강남구 역삼");
  expect(field()).toHaveAccessibleDescription(account.addressHint);
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
  suggests({});
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
