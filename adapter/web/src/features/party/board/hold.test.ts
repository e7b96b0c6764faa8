import { expect, test } from "vitest";
import { toPage } from "../../../api/posts";
import { paginator, post } from "../fixture";
import { ann } from "../../../test/server";
import { hold } from "./hold";

/** A full page, which others follow. */
const page = (...ids: number[]) => toPage({ posts: ids.map((id) => post({ id })), paginator: paginator({ next_button: 2 }) });
const ids = ({ page }: ReturnType<typeof hold>) => page.posts.map(({ id }) => id);

test("what others have posted since waits, and what it pushed off the page stays", () => {
  const held = hold(page(5, 4, 3), page(7, 6, 5), ann.id);
  expect(held.news).toBe(2);
  expect(ids(held)).toEqual([5, 4, 3]);
});

test("a page of new posts alone leaves all that was there", () => {
  const held = hold(page(3, 2, 1), page(9, 8, 7), ann.id);
  expect(held.news).toBe(3);
  expect(ids(held)).toEqual([3, 2, 1]);
});

test("where no page follows, nothing was pushed off, and what is missing has gone", () => {
  const fresh = { ...page(4, 3, 2), paginator: paginator() };
  const held = hold(page(3, 2, 1), fresh, ann.id);
  expect(held.news).toBe(1);
  expect(ids(held)).toEqual([3, 2]);
});

test("one's own post is there at once", () => {
  const fresh = page(7, 6, 5);
  fresh.posts[0]!.writer = { ...ann, email: "" };
  const held = hold(page(5, 4, 3), fresh, ann.id);
  expect(held.news).toBe(1);
  expect(ids(held)).toEqual([7, 5, 4, 3]);
});

test("what is shown changes, goes and is filled up while others wait", () => {
  const fresh = page(7, 5, 3);
  fresh.posts[1]!.join_number = 4;
  const held = hold(page(5, 4, 3), fresh, ann.id);
  expect(ids(held)).toEqual([5, 3]);
  expect(held.page.posts[0]!.join_number).toBe(4);
  const filled = hold(page(5, 4, 3), page(5, 3, 2), ann.id);
  expect(filled.news).toBe(0);
  expect(ids(filled)).toEqual([5, 3, 2]);
});

test("with nothing to move nothing waits", () => {
  expect(hold(undefined, page(2, 1), ann.id).news).toBe(0);
  expect(ids(hold(page(), page(2, 1), ann.id))).toEqual([2, 1]);
});
