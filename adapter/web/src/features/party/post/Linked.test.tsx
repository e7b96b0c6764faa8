import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { Linked } from "./Linked";

test.each([
  ["https://a.kr/b에서 봐요", ["https://a.kr/b"]],
  ["(http://a.kr/b).", ["http://a.kr/b"]],
  ["https://ko.wikipedia.org/wiki/A_(B), 그리고 https://b.kr!", ["https://ko.wikipedia.org/wiki/A_(B)", "https://b.kr"]],
  ["javascript:alert(1) https:// ftp://a.kr", []],
  ["<b>https://a.kr/?x=1&y=2#z</b>", ["https://a.kr/?x=1&y=2#z"]],
])("%s", (text, urls) => {
  const { container } = render(<Linked text={text} />);
  expect(container).toHaveTextContent(text);
  expect(screen.queryAllByRole("link").map((link) => link.getAttribute("href"))).toEqual(urls);
});
