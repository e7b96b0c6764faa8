import { expect, test } from "vitest";
import { onlyEmoji, partsOf } from "./text";

const links = (text: string) => partsOf(text).flatMap((p) => (p.type === "link" ? [p.text] : []));

test("finds links, without the sentence around them", () => {
  expect(links("메뉴는 https://example.com/a?b=c#d.")).toEqual(["https://example.com/a?b=c#d"]);
  expect(links("(http://example.com/a) 그리고 https://example.com/w/밥_(음식)")).toEqual(["http://example.com/a", "https://example.com/w/밥_(음식)"]);
  expect(partsOf("앞 https://example.com 뒤")).toEqual([
    { type: "text", text: "앞 " },
    { type: "link", text: "https://example.com", href: "https://example.com/" },
    { type: "text", text: " 뒤" },
  ]);
});

test("makes no link of anything else", () => {
  for (const text of ["javascript:alert(1)", "data:text/html,hi", "www.example.com", "https://", "http://[bad", "<a href=x>"]) {
    expect(partsOf(text)).toEqual([{ type: "text", text }]);
  }
});

test("loses nothing of the text", () => {
  for (const text of ["", "https://a.kr,https://b.kr!", "둘\n줄 https://a.kr/\n끝"]) {
    expect(partsOf(text).map((p) => p.text).join("")).toBe(text);
  }
});

test("knows a few emoji from words", () => {
  for (const text of ["🍗", "🍗🍺", "👨‍👩‍👧", "🇰🇷", "❤️", "👍🏽 ".trim()]) expect(onlyEmoji(text)).toBe(true);
  for (const text of ["", "1", "#", "치킨🍗", "🍗🍗🍗🍗🍗", ":)"]) expect(onlyEmoji(text)).toBe(false);
});
