import { expect, test, vi } from "vitest";
import { ann, http, HttpResponse, problem, server } from "../test/server";
import { refusal } from "../words";
import { api, ok, Refused } from "./client";
import { begin, current } from "./session";

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
  expect(error.passing).toBe(false);
});

test("calls it offline when no answer comes", async () => {
  server.use(http.get("*/api/user/current/", () => HttpResponse.error()));
  const error = await refused(ok(api.GET("/api/user/current/")));
  expect(error.code).toBe("offline");
  expect(error.passing).toBe(true);
  expect(refusal(error)).toContain("인터넷");
});

test("understands an answer that is not the server's own", async () => {
  server.use(http.get("*/api/user/current/", () => new HttpResponse("<h1>Bad Gateway</h1>", { status: 502 })));
  expect((await refused(ok(api.GET("/api/user/current/")))).code).toBe("unavailable");
});

test("ends the session when the token is refused", async () => {
  begin(ann);
  server.use(http.get("*/api/post/", () => problem(401, "not_signed_in")));
  await refused(ok(api.GET("/api/post/")));
  expect(current()).toEqual({ user: null, ended: "expired" });
});

test("keeps the session when the refused token was replaced in the meantime", async () => {
  begin(ann);
  server.use(
    http.get("*/api/post/", () => {
      begin({ ...ann, token: "ann.token.two" });
      return problem(401, "not_signed_in");
    }),
  );
  await refused(ok(api.GET("/api/post/")));
  expect(current().user?.token).toBe("ann.token.two");
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
