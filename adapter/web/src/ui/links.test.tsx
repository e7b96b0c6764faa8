import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { Linked } from "./Linked";
import { partsOf } from "./links";

const links = (text: string) => partsOf(text).flatMap((part) => (part.type === "link" ? [part.text] : []));

test.each([
  // The host ends before Hangul behind an ASCII top-level domain.
  ["https://example.com입니다", "https://example.com"],
  ["https://example.com입니다.그리고", "https://example.com"],
  ["https://example.com입니다.evil.com", "https://example.com"],
  ["https://example.com.그리고", "https://example.com"],
  ["https://naver.me에서 봐요", "https://naver.me"],
  ["https://foo.pizza에서", "https://foo.pizza"],
  ["https://a.co.kr이에요", "https://a.co.kr"],
  ["https://a.kr:8080에서", "https://a.kr:8080"],
  ["http://192.0.2.1에서", "http://192.0.2.1"],
  ["https://a.krㅋㅋㅋ", "https://a.kr"],
  ["HTTPS://EXAMPLE.COM이요", "HTTPS://EXAMPLE.COM"],
  // Hangul hosts stay whole.
  ["https://한글.한국", "https://한글.한국"],
  ["https://한글.한국에서 봐요", "https://한글.한국"],
  ["https://한글.한국/치킨", "https://한글.한국/치킨"],
  ["https://한글.kr입니다", "https://한글.kr"],
  ["https://치킨집.com/메뉴", "https://치킨집.com/메뉴"],
  ["https://www.bhc치킨.com/", "https://www.bhc치킨.com/"],
  ["https://www.11번가.com", "https://www.11번가.com"],
  ["https://blog.치킨.co.kr", "https://blog.치킨.co.kr"],
  // Hangul paths, queries and fragments stay whole.
  ["https://ko.wikipedia.org/wiki/치킨", "https://ko.wikipedia.org/wiki/치킨"],
  ["https://ko.wikipedia.org/wiki/떡볶이 먹자", "https://ko.wikipedia.org/wiki/떡볶이"],
  ["https://ko.wikipedia.org/wiki/제주도", "https://ko.wikipedia.org/wiki/제주도"],
  ["https://ko.wikipedia.org/wiki/만두_(음식)", "https://ko.wikipedia.org/wiki/만두_(음식)"],
  ["https://namu.wiki/w/후라이드치킨/역사#양념", "https://namu.wiki/w/후라이드치킨/역사#양념"],
  ["https://a.kr/?q=치킨&where=역삼동", "https://a.kr/?q=치킨&where=역삼동"],
  ["https://a.kr?q=이", "https://a.kr?q=이"],
  ["https://a.kr/?q=ㅋㅋ", "https://a.kr/?q=ㅋㅋ"],
  ["https://a.kr/#메뉴판", "https://a.kr/#메뉴판"],
  ["https://a.kr/메뉴/2인분", "https://a.kr/메뉴/2인분"],
  ["https://a.kr/%EC%B9%98%ED%82%A8", "https://a.kr/%EC%B9%98%ED%82%A8"],
  // Particles behind a path stay outside.
  ["https://a.kr/b에서 봐요", "https://a.kr/b"],
  ["https://a.kr/b를 보세요", "https://a.kr/b"],
  ["https://a.kr/b입니다.", "https://a.kr/b"],
  ["https://a.kr/에서", "https://a.kr/"],
  ["https://a.kr/?id=3으로 가요", "https://a.kr/?id=3"],
  ["https://a.kr/%EC%B9%98은", "https://a.kr/%EC%B9%98"],
  ["https://a.kr/wiki/치킨에서 봤어요", "https://a.kr/wiki/치킨"],
  ["https://a.kr/wiki/피자를", "https://a.kr/wiki/피자"],
  ["https://a.kr/wiki/만두_(음식)에서는", "https://a.kr/wiki/만두_(음식)"],
  ["https://a.kr/bㅋㅋㅋ", "https://a.kr/b"],
  // So does the sentence around it.
  ["메뉴는 https://example.com/a?b=c#d.", "https://example.com/a?b=c#d"],
  ["(http://a.kr/b).", "http://a.kr/b"],
  ["(https://a.kr/b)에서", "https://a.kr/b"],
  ["'https://a.kr/b'입니다", "https://a.kr/b"],
  ["“https://a.kr/b”예요", "https://a.kr/b"],
  ["「https://a.kr/치킨」을", "https://a.kr/치킨"],
  ["<b>https://a.kr/?x=1&y=2#z</b>", "https://a.kr/?x=1&y=2#z"],
  ["https://a.kr/b🍗", "https://a.kr/b"],
  ["https://a.kr/b~^^", "https://a.kr/b"],
  ["https://a.kr!", "https://a.kr"],
])("%s", (text, url) => {
  expect(links(text)).toEqual([url]);
});

test("finds every address of a text", () => {
  expect(links("https://a.kr,https://b.kr! 그리고 https://ko.wikipedia.org/wiki/A_(B), http://한글.한국")).toEqual([
    "https://a.kr",
    "https://b.kr",
    "https://ko.wikipedia.org/wiki/A_(B)",
    "http://한글.한국",
  ]);
});

test("makes no link of anything else", () => {
  for (const text of ["javascript:alert(1)", "data:text/html,hi", "www.example.com", "https://", "http://[bad", "<a href=x>", "ftp://a.kr", "https://가게", "https://naver.com@evil.com/", "https://naver.com:80@evil.com"]) {
    expect(partsOf(text)).toEqual([{ type: "text", text }]);
  }
});

test("the pieces are the text, and no host has swallowed Hangul behind its top-level domain", () => {
  const pieces = ["https://", "http://", "HTTP://", "a", ".", "kr", "com", "한글", "한국", "치킨", "에서", "를", "입니다", "이", "/", "?", "#", "=", "&", ":", "80", "@", "(", ")", "[", "]", "'", "\"", "<", ">", ",", "~", " ", "\n", "🍗", "ㅋㅋ", "%EC", "\u200b", "\u1100", "\ud800"];
  const begins = ["", "https://", "https://a.", "https://a.kr", "(https://a.kr", "https://a.kr/", "https://a.kr/치킨?q="];
  let state = 1;
  const next = (n: number) => {
    state = (state * 48271) % 2147483647;
    return state % n;
  };
  for (let round = 0; round < 20_000; round += 1) {
    const text = begins[next(begins.length)]! + Array.from({ length: 1 + next(16) }, () => pieces[next(pieces.length)]).join("");
    const parts = partsOf(text);
    expect(parts.map((part) => part.text).join("")).toBe(text);
    for (const part of parts) {
      if (part.type === "text") continue;
      expect(part.href).toBe(new URL(part.text).href);
      expect(part.text).not.toMatch(/^https?:\/\/[^/?#]*\.(?:kr|com)[가-힣]/i);
      expect(part.text).not.toMatch(/[\s<>"\u200b]|[.,]$|^https?:\/\/[^/?#]*@/i);
    }
  }
});

test("takes no longer for a text that was made to be slow", () => {
  for (const tail of [")", ".", "에서", "(", "ㅋ", "a.", "https://", "https://a."]) {
    const text = `https://a.kr/${tail.repeat(20_000)}`;
    const before = performance.now();
    expect(partsOf(text).map((part) => part.text).join("")).toBe(text);
    expect(performance.now() - before).toBeLessThan(1000);
  }
});

test("is shown as text and links", () => {
  const text = "<b>메뉴</b> https://a.kr/메뉴에서 골라요";
  const { container } = render(<Linked text={text} />);
  expect(container).toHaveTextContent(text);
  expect(screen.getByRole("link", { name: "https://a.kr/메뉴" })).toHaveAttribute("href", "https://a.kr/%EB%A9%94%EB%89%B4");
});
