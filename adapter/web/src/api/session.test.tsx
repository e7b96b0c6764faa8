import { act, render, screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { ann, http, HttpResponse, problem, server } from "../test/server";
import { begin, current, end, keep, renew, safeNext, signInPath, token, useSession } from "./session";

const fresh = { ...ann, token: "ann.token.two" };

function Name() {
  return <p>{useSession().user?.username ?? "아무도"}</p>;
}

beforeEach(() => {
  server.use(http.get("*/api/user/current/", () => HttpResponse.json({ user: fresh })));
});

test("tells every component who is signed in", () => {
  render(<Name />);
  expect(screen.getByText("아무도")).toBeVisible();
  act(() => begin(ann));
  expect(screen.getByText("앤")).toBeVisible();
  act(() => end());
  expect(screen.getByText("아무도")).toBeVisible();
});

test("survives a reload", async () => {
  begin(ann);
  vi.resetModules();
  const reloaded = await import("./session");
  expect(reloaded.current().user).toEqual(ann);
});

test("ignores what it cannot read", async () => {
  localStorage.setItem("mealbuddy.session", '{"half":');
  vi.resetModules();
  expect((await import("./session")).current().user).toBeNull();
});

test("gets a fresh token at the start and whenever the page is looked at again", async () => {
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
  begin(ann);
  const stop = keep();
  await vi.waitFor(() => expect(token()).toBe("ann.token.two"));

  server.use(http.get("*/api/user/current/", () => HttpResponse.json({ user: { ...ann, token: "ann.token.three" } })));
  window.dispatchEvent(new Event("focus"));
  expect(token()).toBe("ann.token.two"); // a moment ago
  vi.setSystemTime(Date.now() + 61_000);
  window.dispatchEvent(new Event("focus"));
  await vi.waitFor(() => expect(token()).toBe("ann.token.three"));

  server.use(http.get("*/api/user/current/", () => HttpResponse.json({ user: { ...ann, token: "ann.token.four" } })));
  vi.advanceTimersByTime(10 * 60_000);
  await vi.waitFor(() => expect(token()).toBe("ann.token.four"));
  stop();
});

test("asks once, however many want a fresh token", async () => {
  let asked = 0;
  server.use(
    http.get("*/api/user/current/", () => {
      asked += 1;
      return HttpResponse.json({ user: fresh });
    }),
  );
  begin(ann);
  await Promise.all([renew(), renew(), renew()]);
  expect(asked).toBe(1);
});

test("stays signed in while there is no network", async () => {
  server.use(http.get("*/api/user/current/", () => HttpResponse.error()));
  begin(ann);
  await renew();
  expect(token()).toBe(ann.token);
});

test("ends when the server does not know the token any more", async () => {
  server.use(http.get("*/api/user/current/", () => problem(401, "not_signed_in")));
  begin(ann);
  await renew();
  expect(current()).toEqual({ user: null, ended: "expired" });
});

test("does not bring back who signed out while the answer was under way", async () => {
  begin(ann);
  const renewing = renew();
  end();
  await renewing;
  expect(current().user).toBeNull();
});

test("agrees with other tabs", () => {
  const stop = keep();
  const elsewhere = (value: string | null) => {
    if (value === null) localStorage.removeItem("mealbuddy.session");
    else localStorage.setItem("mealbuddy.session", value);
    window.dispatchEvent(new StorageEvent("storage", { key: "mealbuddy.session", newValue: value }));
  };
  elsewhere(JSON.stringify(ann));
  expect(current().user).toEqual(ann);
  elsewhere(null);
  expect(current()).toEqual({ user: null, ended: "chosen" });
  stop();
});

test("finds the way back, and only within this app", () => {
  expect(signInPath({ pathname: "/posts/3", search: "?a=1" })).toBe("/signin?next=%2Fposts%2F3%3Fa%3D1");
  expect(safeNext("/posts/3?a=1")).toBe("/posts/3?a=1");
  for (const bad of [null, "", "posts", "//evil.example", "/\\evil.example", "https://evil.example"]) {
    expect(safeNext(bad)).toBe("/board");
  }
});
