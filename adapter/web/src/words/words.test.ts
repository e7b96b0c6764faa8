import { expect, test } from "vitest";
import * as account from "./account";
import * as ko from "./ko";
import * as menu from "./menu";
import * as party from "./party";
import * as post from "./post";
import * as talk from "./talk";

/** Every text of the app. Those that are made of something are made of "X". */
function texts(words: unknown, path = ""): [string, string][] {
  if (typeof words === "string") return [[path, words]];
  if (typeof words === "function") return /^josa|^refusal/.test(words.name) ? [] : texts((words as (...of: unknown[]) => unknown)("X", "X", "X"), path);
  if (typeof words !== "object" || words === null) return [];
  return Object.entries(words).flatMap(([name, part]) => texts(part, `${path}.${name}`));
}

// What takes a list is not made of "X".
const all = texts({ account, ko, menu: { ...menu, chef: { ...menu.chef, recommended: menu.chef.recommended(["X"]) } }, party, post, talk });

test("speaks to neighbours in 해요체, with one word for each thing", () => {
  expect(all.length).toBeGreaterThan(400);
  expect(all.filter(([, text]) => /니다|십시오|하시오/.test(text))).toEqual([]);
  // 닉네임, and 내보내기.
  expect(all.filter(([, text]) => /유저|강퇴|추방|퇴장|입장/.test(text))).toEqual([]);
  expect(all.filter(([, text]) => /[A-Z]{4}/.test(text))).toEqual([]);
});
