import { beforeEach, expect, test, vi } from "vitest";
import { whenLoaded } from "./idle";

const work = vi.fn();

beforeEach(() => {
  work.mockReset();
  vi.useFakeTimers();
  document.body.innerHTML = '<div id="root"></div>';
});

const root = () => document.getElementById("root")!;

test("waits until something is there, and nothing of it is loading any more", () => {
  whenLoaded(work);
  vi.advanceTimersByTime(1000);
  root().innerHTML = '<p aria-busy="true"></p>';
  vi.advanceTimersByTime(1000);
  expect(work).not.toHaveBeenCalled();
  root().innerHTML = "<p>치킨</p>";
  vi.advanceTimersByTime(400);
  expect(work).toHaveBeenCalledOnce();
});

test("does not wait forever", () => {
  whenLoaded(work);
  vi.advanceTimersByTime(6000);
  expect(work).toHaveBeenCalledOnce();
});

test("can be called off", () => {
  const stop = whenLoaded(work);
  root().innerHTML = "<p>치킨</p>";
  vi.advanceTimersByTime(150);
  stop();
  vi.advanceTimersByTime(10_000);
  expect(work).not.toHaveBeenCalled();
});
