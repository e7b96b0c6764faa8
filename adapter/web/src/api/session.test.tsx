import { act, render, screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { ann, annKnown, annUser, http, HttpResponse, problem, server, signedIn } from "../test/server";
import { begin, current, end, keep, leave, renew, safeNext, signInPath, token, useSession } from "./session";

const stored = "mealbuddy.session";
const minute = 60_000;

/** A token as the server makes it, good for some minutes. */
const jwt = (minutes: number, name: string) => `e30.${btoa(JSON.stringify({ iat: 1000, exp: 1000 + minutes * 60, name }))}.sig`;

/** Another tab of the same browser, or this one after a reload. */
async function tab() {
  vi.resetModules();
  return await import("./session");
}

function Name() {
  return <p>{useSession().user?.username ?? "아무도"}</p>;
}

beforeEach(() => {
  signedIn(() => ({ ...ann, token: "ann.token.two" }));
});

test("tells every component who is signed in", () => {
  render(<Name />);
  expect(screen.getByText("아무도")).toBeVisible();
  act(() => begin(ann));
  expect(screen.getByText("앤")).toBeVisible();
  act(() => end());
  expect(screen.getByText("아무도")).toBeVisible();
});

test("draws nothing anew for a token alone", () => {
  begin(ann);
  const before = current();
  begin({ ...ann, token: "ann.token.two" });
  expect(current()).toBe(before);
  expect(token()).toBe("ann.token.two");
});

test("keeps who is signed in over a reload, and nothing that opens anything", async () => {
  begin(ann);
  expect(JSON.parse(localStorage.getItem(stored)!)).toEqual(annKnown);
  const reloaded = await tab();
  expect(reloaded.current().user).toEqual(annKnown);
  expect(reloaded.token()).toBeNull();
  await reloaded.renew();
  expect(reloaded.token()).toBe("ann.token.two");
  expect(reloaded.current().user).toEqual(annUser);
});

test("who signs out is not told that it ended elsewhere, if a request on its way is refused for it", async () => {
  begin(ann);
  server.use(http.post("*/api/user/refresh/", () => problem(401, "not_signed_in")));
  await leave(async () => {
    await renew();
    expect(current().user).toEqual(annUser);
  });
  expect(current()).toEqual({ user: null, ended: "chosen" });
});

test("who cannot sign out stays signed in, unless it has ended elsewhere meanwhile", async () => {
  begin(ann);
  const offline = new Error("offline");
  await expect(leave(() => Promise.reject(offline))).rejects.toBe(offline);
  expect(current().user).toEqual(annUser);
  server.use(http.post("*/api/user/refresh/", () => problem(401, "not_signed_in")));
  await expect(leave(() => renew().then(() => Promise.reject(offline)))).rejects.toBe(offline);
  expect(current()).toEqual({ user: null, ended: "elsewhere" });
});

test("throws away what an older release kept besides", async () => {
  localStorage.setItem(stored, JSON.stringify(ann));
  expect((await tab()).current().user).toEqual(annKnown);
  expect(localStorage.getItem(stored)).not.toMatch(/token|example/);
});

test.each(['{"half":', "null", "3", '{"id":"1"}', '{"ended":"elsewhere"}'])("nobody is signed in by %s", async (kept) => {
  localStorage.setItem(stored, kept);
  expect((await tab()).current()).toEqual({ user: null, ended: null });
});

test("asks as soon as it is kept, and takes what was asked for already", async () => {
  const refreshed = signedIn();
  begin(ann);
  const page = await tab();
  const asked = page.renew(Promise.resolve({ ...ann, token: "asked.for.early" }));
  const stop = page.keep();
  await asked;
  stop();
  expect(page.token()).toBe("asked.for.early");
  expect(refreshed.times).toBe(0);

  const other = await tab();
  const stopOther = other.keep();
  await vi.waitFor(() => expect(other.token()).toBe(ann.token));
  stopOther();
  expect(refreshed.times).toBe(1);
});

test("renews a token when two thirds of its time are over, and no sooner", async () => {
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
  const refreshed = signedIn(() => ({ ...ann, token: jwt(3, "two") }));
  begin({ ...ann, token: jwt(3, "one") });
  const stop = keep();
  window.dispatchEvent(new Event("focus"));
  vi.advanceTimersByTime(2 * minute - 1);
  expect(refreshed.times).toBe(0);
  vi.advanceTimersByTime(5_001);
  await vi.waitFor(() => expect(token()).toBe(jwt(3, "two")));
  stop();
  vi.advanceTimersByTime(10 * minute);
  expect(refreshed.times).toBe(1);
});

test.each(["focus", "online"])("renews after a sleep on %s", async (event) => {
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
  begin(ann);
  const stop = keep();
  vi.setSystemTime(Date.now() + 60 * minute);
  window.dispatchEvent(new Event(event));
  await vi.waitFor(() => expect(token()).toBe("ann.token.two"));
  stop();
});

test("asks once, however many want a fresh token", async () => {
  const refreshed = signedIn();
  begin(ann);
  await Promise.all([renew(), renew(), renew()]);
  expect(refreshed.times).toBe(1);
});

test("stays signed in while there is no network, asks nothing, and asks when there is", async () => {
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
  const refreshed = signedIn(() => ({ ...ann, token: "ann.token.two" }));
  const line = vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
  begin(ann);
  const stop = keep();
  vi.advanceTimersByTime(60 * minute);
  expect(refreshed.times).toBe(0);
  expect(current().user).toEqual(annUser);
  line.mockReturnValue(true);
  window.dispatchEvent(new Event("online"));
  await vi.waitFor(() => expect(token()).toBe("ann.token.two"));
  stop();
});

test.each([
  ["no answer", () => HttpResponse.error(), { status: 0, code: "offline" }],
  ["a server that is away", () => problem(503, "unavailable"), { status: 503, code: "unavailable" }],
  ["too many", () => problem(429, "too_many_requests"), { status: 429, code: "unavailable" }],
  ["somebody between", () => new HttpResponse("<h1>Log in to this network</h1>", { status: 401 }), { status: 401, code: "unavailable" }],
])("%s signs nobody out", async (_what, answer, why) => {
  server.use(http.post("*/api/user/refresh/", answer));
  begin(ann);
  await expect(renew()).rejects.toMatchObject(why);
  expect(current().user).toEqual(annUser);
  expect(token()).toBe(ann.token);
});

test("who had a token a moment ago was signed out elsewhere; of others nobody knows", async () => {
  server.use(http.post("*/api/user/refresh/", () => problem(401, "not_signed_in")));
  begin(ann);
  await renew();
  expect(current()).toEqual({ user: null, ended: "elsewhere" });

  begin(ann);
  const reloaded = await tab();
  await reloaded.renew();
  expect(reloaded.current()).toEqual({ user: null, ended: "expired" });
});

test("does not bring back who signed out while the answer was under way", async () => {
  begin(ann);
  const stop = keep();
  const renewing = renew();
  end();
  await renewing;
  await new Promise((done) => setTimeout(done, 50)); // what tabs tell each other takes its time
  expect(current().user).toBeNull();
  expect(token()).toBeNull();
  stop();
});

test("does not end what was begun anew while the refusal was under way", async () => {
  server.use(http.post("*/api/user/refresh/", () => problem(401, "not_signed_in")));
  begin(ann);
  const renewing = renew();
  begin({ ...ann, token: "ann.token.three" });
  await renewing;
  expect(token()).toBe("ann.token.three");
});

test("the tab that asked hands the token to the others", async () => {
  const refreshed = signedIn(() => ({ ...ann, token: "ann.token.two" }));
  begin(ann);
  const stop = keep();
  const other = await tab();
  const stopOther = other.keep();
  await vi.waitFor(() => expect(other.token()).toBe("ann.token.two"));
  await vi.waitFor(() => expect(token()).toBe("ann.token.two"));
  expect(refreshed.times).toBe(1);
  stop();
  stopOther();
});

/** Locks as a browser has them: one at a time, in order. Whoever waits gets its turn sooner than what is told. */
function locks() {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  const request = (_name: string, ...rest: [work: Work] | [options: { ifAvailable: boolean }, work: Work]) => {
    const work = rest.at(-1) as Work;
    if (rest.length === 2 && waiting) return Promise.resolve(work(null));
    waiting += 1;
    const mine = last.then(() => work({})).finally(() => (waiting -= 1));
    last = mine.catch(() => {});
    return mine;
  };
  type Work = (lock: object | null) => unknown;
  Object.defineProperty(navigator, "locks", { configurable: true, value: { request } });
  return () => Reflect.deleteProperty(navigator, "locks");
}

test("of several tabs that want a token at once one asks", async () => {
  const unlock = locks();
  const refreshed = signedIn(() => ({ ...ann, token: "ann.token.two" }));
  begin(ann);
  const others = [await tab(), await tab(), await tab()];
  await Promise.all([renew(), ...others.map((other) => other.renew())]);
  expect([token(), ...others.map((other) => other.token())]).toEqual(Array(4).fill("ann.token.two"));
  expect(refreshed.times).toBe(1);
  unlock();
});

test("waits for a token for less than the ten seconds in which the same one is given again", async () => {
  const patience = vi.spyOn(AbortSignal, "timeout");
  signedIn();
  await renew();
  expect(patience).toHaveBeenCalledOnce();
  expect(patience.mock.calls[0]![0]).toBeLessThan(10_000);
});

test("another tab asks itself if the first one got no answer", async () => {
  const unlock = locks();
  server.use(http.post("*/api/user/refresh/", () => HttpResponse.error(), { once: true }));
  begin(ann);
  const other = await tab();
  const [first] = await Promise.allSettled([renew(), other.renew()]);
  expect(first.status).toBe("rejected");
  expect(other.token()).toBe("ann.token.two");
  unlock();
});

test("what another tab says of the end counts more than a guess", async () => {
  begin(ann);
  server.use(
    http.post("*/api/user/refresh/", () => {
      localStorage.setItem(stored, JSON.stringify({ ended: "chosen" })); // there
      return problem(401, "not_signed_in");
    }),
  );
  await renew();
  expect(current()).toEqual({ user: null, ended: "chosen" });
});

test("agrees with other tabs about who is signed in, and why nobody is", () => {
  const stop = keep();
  const elsewhere = (value: unknown) => {
    localStorage.setItem(stored, JSON.stringify(value));
    window.dispatchEvent(new StorageEvent("storage", { key: stored }));
  };
  elsewhere(annKnown);
  expect(current().user).toEqual(annKnown);
  expect(token()).toBeNull();
  begin(ann);
  elsewhere({ ...annKnown, username: "앤이" });
  expect(current().user).toEqual({ ...annUser, username: "앤이" });
  expect(token()).toBe(ann.token);
  elsewhere({ id: 2, username: "보라", address: "서울특별시 서초구 서초동" });
  expect(current().user?.username).toBe("보라");
  expect(token()).toBeNull(); // that was ann's
  for (const ended of ["elsewhere", "expired", "chosen"]) {
    begin(ann);
    elsewhere({ ended });
    expect(current()).toEqual({ user: null, ended });
    expect(token()).toBeNull();
  }
  stop();
});

test("finds the way back, and only within this app", () => {
  expect(signInPath({ pathname: "/posts/3", search: "?a=1" })).toBe("/signin?next=%2Fposts%2F3%3Fa%3D1");
  expect(safeNext("/posts/3?a=1")).toBe("/posts/3?a=1");
  for (const bad of [null, "", "posts", "//evil.example", "/\\evil.example", "/\t/evil.example", "/\n/evil.example", "/a\\b", "https://evil.example"]) {
    expect(safeNext(bad)).toBe("/board");
  }
});
