import { expect, test } from "vitest";
import { atBottom, firstBelow, keepPlace, nearTop } from "./place";

test("knows the bottom, give or take a line", () => {
  expect([0, -47, -48, -500].map(atBottom)).toEqual([true, true, false, false]);
});

test("fetches older lines before the top is reached", () => {
  expect(nearTop({ scrollTop: 0, scrollHeight: 5000, clientHeight: 700 })).toBe(false);
  expect(nearTop({ scrollTop: -3700, scrollHeight: 5000, clientHeight: 700 })).toBe(true);
  expect(nearTop({ scrollTop: 0, scrollHeight: 700, clientHeight: 700 })).toBe(true);
});

test("moves as much as grew between a row and the bottom", () => {
  expect(keepPlace(-500, 900, 900)).toBe(-500); // older lines above: nothing
  expect(keepPlace(-500, 900, 980)).toBe(-580); // a new line below
  expect(keepPlace(-500, 900, 860)).toBe(-460); // one was taken away
  expect(keepPlace(-20, 900, 800)).toBe(0); // never beyond the bottom
});

test("finds the first row below an edge", () => {
  const bottoms = [10, 20, 30, 40];
  const find = (edge: number) => firstBelow(bottoms.length, (i) => bottoms[i]!, edge);
  expect([0, 10, 25, 39, 40].map(find)).toEqual([0, 1, 2, 3, -1]);
  expect(firstBelow(0, () => 0, 0)).toBe(-1);
});
