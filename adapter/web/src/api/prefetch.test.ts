import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ann, annKnown, http, HttpResponse, problem, server, signedIn } from "../test/server";
import { api, ok } from "./client";
import { prefetch } from "./prefetch";
import { begin } from "./session";

const board = { posts: [], paginator: { page_range: [1], current_page: 1, prev_button: null, next_button: null } };
let asked = 0;

beforeEach(() => {
  asked = 0;
  signedIn();
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
  await prefetch("/api/post/", annKnown);
  expect(await ok(api.GET("/api/post/"))).toEqual(board);
  expect(asked).toBe(1);
  await ok(api.GET("/api/post/"));
  expect(asked).toBe(2);
});

test("another question is another one", async () => {
  await prefetch("/api/post/", annKnown);
  await ok(api.GET("/api/post/", { params: { query: { page: 2 } } }));
  expect(asked).toBe(2);
});

test("an answer for another token is nobody's", async () => {
  signedIn(() => ({ ...ann, token: "ann.token.two" }));
  await prefetch("/api/post/", annKnown);
  await ok(api.GET("/api/post/"));
  expect(asked).toBe(2);
});

test("nothing is asked for as somebody else, or as nobody", async () => {
  await prefetch("/api/post/", { ...annKnown, id: 2 });
  server.use(http.post("*/api/user/refresh/", () => problem(401, "not_signed_in")));
  await prefetch("/api/post/", annKnown);
  expect(asked).toBe(0);
});

test("what is old is asked for anew", async () => {
  await prefetch("/api/post/", annKnown);
  vi.spyOn(performance, "now").mockReturnValue(performance.now() + 11_000);
  await ok(api.GET("/api/post/"));
  expect(asked).toBe(2);
});

test("without a network it fails like any other request", async () => {
  server.use(http.get("*/api/post/", () => HttpResponse.error()));
  await prefetch("/api/post/", annKnown);
  await expect(ok(api.GET("/api/post/"))).rejects.toMatchObject({ code: "offline" });
  server.use(http.post("*/api/user/refresh/", () => HttpResponse.error()));
  await expect(prefetch("/api/post/", annKnown)).rejects.toThrow();
});
