import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ann, http, HttpResponse, server } from "../test/server";
import { api, ok } from "./client";
import { ask, takeShown } from "./early";
import { begin } from "./session";

const board = { posts: [], paginator: { page_range: [1], current_page: 1, prev_button: null, next_button: null } };
let asked = 0;

beforeEach(() => {
  asked = 0;
  server.use(
    http.get("*/api/post/", () => {
      asked += 1;
      return HttpResponse.json(board);
    }),
  );
  begin(ann);
});

afterEach(() => {
  delete window.mealbuddyEarly;
});

test("what was asked for early is not asked for again, but the next time it is", async () => {
  ask("/api/post/", ann.token);
  expect(await ok(api.GET("/api/post/"))).toEqual(board);
  expect(asked).toBe(1);
  await ok(api.GET("/api/post/"));
  expect(asked).toBe(2);
});

test("another question is another one", async () => {
  ask("/api/post/", ann.token);
  await ok(api.GET("/api/post/", { params: { query: { page: 2 } } }));
  expect(asked).toBe(2);
});

test("an answer for somebody else is nobody's", async () => {
  ask("/api/post/", "of.somebody.else");
  await ok(api.GET("/api/post/"));
  expect(asked).toBe(2);
});

test("what is old is asked for anew", async () => {
  ask("/api/post/", ann.token);
  vi.spyOn(performance, "now").mockReturnValue(performance.now() + 11_000);
  await ok(api.GET("/api/post/"));
  expect(asked).toBe(2);
});

test("without a network it fails like any other request", async () => {
  server.use(http.get("*/api/post/", () => HttpResponse.error()));
  ask("/api/post/", ann.token);
  await expect(ok(api.GET("/api/post/"))).rejects.toMatchObject({ code: "offline" });
});

test("what is on the screen already is for whom it was asked, once, and is not asked for again", async () => {
  expect(takeShown(ann.token)).toBeUndefined();
  ask("/api/post/", ann.token);
  expect(takeShown(ann.token)).toBeUndefined();
  window.mealbuddyEarly!.shown = board;
  expect(takeShown("of.somebody.else")).toBeUndefined();
  expect(takeShown(ann.token)).toEqual(board);
  expect(takeShown(ann.token)).toBeUndefined();
  await ok(api.GET("/api/post/"));
  expect(asked).toBe(2);
});
