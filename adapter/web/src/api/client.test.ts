import { expect, test, vi } from "vitest";
import { ann, annUser, http, HttpResponse, problem, server, signedIn } from "../test/server";
import { refusal } from "../words";
import { api, ok, Refused } from "./client";
import { begin, current, token } from "./session";

async function refused(call: Promise<unknown>): Promise<Refused> {
  const error: unknown = await call.then(
    () => null,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(Refused);
  return error as Refused;
}

test("carries the token of who is signed in", async () => {
  begin(ann);
  server.use(
    http.get("*/api/user/current/", ({ request }) => {
      expect(request.headers.get("Authorization")).toBe("token ann.token.one");
      return HttpResponse.json({ user: ann });
    }),
  );
  const { user } = await ok(api.GET("/api/user/current/"));
  expect(user.username).toBe("앤");
});

test("turns a refusal into its code, its sentence and its fields", async () => {
  server.use(
    http.post("*/api/user/register/", () => problem(400, "invalid", { email: ["이미 가입한 이메일이에요.", "더"], username: ["짧아요."] })),
  );
  const body = { email: "", username: "", password: "", password2: "", address: "" };
  const error = await refused(ok(api.POST("/api/user/register/", { body })));
  expect(error).toMatchObject({ status: 400, code: "invalid", fields: { email: "이미 가입한 이메일이에요.", username: "짧아요." } });
  expect(error.transient).toBe(false);
});

test("calls it offline when no answer comes", async () => {
  server.use(http.get("*/api/user/current/", () => HttpResponse.error()));
  const error = await refused(ok(api.GET("/api/user/current/")));
  expect(error.code).toBe("offline");
  expect(error.transient).toBe(true);
  expect(refusal(error)).toContain("인터넷");
});

test("understands an answer that is not the server's own", async () => {
  server.use(http.get("*/api/user/current/", () => new HttpResponse("<h1>Bad Gateway</h1>", { status: 502 })));
  expect((await refused(ok(api.GET("/api/user/current/")))).code).toBe("unavailable");
});

/** A server that takes one token, and notes what is asked with which. */
function takes(good: string) {
  const asked: string[] = [];
  server.use(
    http.post("*/api/post/write/", async ({ request }) => {
      const with_ = request.headers.get("Authorization")!;
      asked.push(`${with_} ${await request.text()}`);
      return with_ === `token ${good}` ? HttpResponse.json({ id: 1 }, { status: 201 }) : problem(401, "not_signed_in");
    }),
  );
  return asked;
}

const draft = { title: "치킨", category: "치킨", content: "", target_number: 2 } as const;
const write = () => ok(api.POST("/api/post/write/", { body: draft }));

test("gets another token when one is refused, and asks the same once more", async () => {
  begin(ann);
  const refreshed = signedIn(() => ({ ...ann, token: "ann.token.two" }));
  const asked = takes("ann.token.two");
  await Promise.all([write(), write()]);
  const body = JSON.stringify(draft);
  expect(asked.sort()).toEqual(["one", "one", "two", "two"].map((n) => `token ann.token.${n} ${body}`));
  expect(refreshed.times).toBe(1);
  expect(token()).toBe("ann.token.two");
});

test("ends the session when there is no other token", async () => {
  begin(ann);
  server.use(http.post("*/api/user/refresh/", () => problem(401, "not_signed_in")));
  takes("nothing");
  expect((await refused(write())).code).toBe("not_signed_in");
  expect(current()).toEqual({ user: null, ended: "elsewhere" });
});

test("does not ask for ever with tokens that are refused", async () => {
  begin(ann);
  const refreshed = signedIn(() => ({ ...ann, token: "ann.token.two" }));
  const asked = takes("nothing");
  expect((await refused(write())).code).toBe("not_signed_in");
  expect(asked).toHaveLength(2);
  expect(refreshed.times).toBe(1);
  expect(current().user).toEqual(annUser);
});

test("asks for no other token when the refused one was replaced in the meantime", async () => {
  begin(ann);
  const refreshed = signedIn();
  const asked: (string | null)[] = [];
  server.use(
    http.get("*/api/post/", ({ request }) => {
      asked.push(request.headers.get("Authorization"));
      if (asked.length > 1) return HttpResponse.json({});
      begin({ ...ann, token: "ann.token.two" });
      return problem(401, "not_signed_in");
    }),
  );
  await ok(api.GET("/api/post/"));
  expect(asked).toEqual(["token ann.token.one", "token ann.token.two"]);
  expect(refreshed.times).toBe(0);
});

test("is not signed out by a token that cannot be had for now", async () => {
  begin(ann);
  server.use(http.post("*/api/user/refresh/", () => HttpResponse.error()));
  takes("nothing");
  expect((await refused(write())).code).toBe("offline");
  expect(current().user).toEqual(annUser);
});

test("writes what an address needs as an address needs it", async () => {
  server.use(http.get("*/api/region/search/", ({ request }) => HttpResponse.json({ regions: [], asked: new URL(request.url).searchParams.get("q") })));
  expect(await ok(api.GET("/api/region/search/", { params: { query: { q: "a&b=c 역삼" } } }))).toMatchObject({ asked: "a&b=c 역삼" });
  server.use(http.get("*/api/post/detail/:id/", ({ params }) => HttpResponse.json(params)));
  expect(await ok(api.GET("/api/post/detail/{id}/", { params: { path: { id: "1/../2" as never } } }))).toMatchObject({ id: "1/../2" });
});

test("keeps the session when only a password was wrong", async () => {
  begin(ann);
  server.use(http.post("*/api/user/login/", () => problem(401, "invalid_credentials")));
  await refused(ok(api.POST("/api/user/login/", { body: { email: "a", password: "b" } })));
  expect(current().user).not.toBeNull();
});

test("passes on that a question was taken back", async () => {
  const leave = new AbortController();
  server.use(http.get("*/api/post/", () => new Promise<never>(() => {})));
  const call = ok(api.GET("/api/post/", { signal: leave.signal }));
  leave.abort();
  await expect(call).rejects.toMatchObject({ name: "AbortError" });
});

test("gives up on an answer that does not come", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  server.use(http.get("*/api/post/", () => new Promise<never>(() => {})));
  const error = refused(ok(api.GET("/api/post/")));
  await vi.advanceTimersByTimeAsync(20_000);
  expect((await error).code).toBe("offline");
});
