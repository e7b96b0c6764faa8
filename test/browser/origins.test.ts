import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { account } from "../../adapter/web/src/words/account";
import { Api } from "./harness/api";
import { somebody } from "./harness/cast";
import { setStage } from "./harness/stage";

// A page of another origin, on the same machine and so of the same site: browsers send it the strictest cookies.
const stage = setStage();
const api = new Api(stage.server);
let evil: Server;

beforeAll(async () => {
  evil = createServer((_request, response) => response.setHeader("Content-Type", "text/html").end("<!doctype html><title>쿠폰</title><h1>무료 쿠폰</h1>"));
  await new Promise<void>((resolve) => evil.listen(0, "127.0.0.1", resolve));
});
afterAll(() => new Promise((resolve) => evil.close(resolve)));

test("another origin opens no socket, changes nothing and reads nothing", async () => {
  const who = await api.register(somebody("선량"));
  const attacker = await api.register(somebody("악당"));
  const { chat_id } = await api.write(who, { title: "그대로인 글" });
  const victim = await stage.enter(who, "desktop");
  await victim.come(`/rooms/${chat_id}`);
  await victim.says("처음부터 있던 말");
  const cookies = async () => (await victim.context.cookies()).sort((a, b) => a.name.localeCompare(b.name));
  const before = await cookies();
  expect(before.length).toBeGreaterThan(0);

  // Browsers complain of what they forbid.
  victim.watch.forgive(/./);
  const page = await victim.context.newPage();
  await page.goto(`http://127.0.0.1:${(evil.address() as AddressInfo).port}/`);

  // Even with what should never have come into its hands.
  const { ticket } = await api.ticket(who, chat_id);
  const sockets = await page.evaluate(
    ({ app, room, queries }) =>
      Promise.all(
        queries.map(
          (query) =>
            new Promise<string>((resolve) => {
              const socket = new WebSocket(`${app.replace(/^http/, "ws")}/ws/chat/${room}/${query}`);
              socket.onopen = () => resolve("open");
              socket.onclose = () => resolve("closed");
            }),
        ),
      ),
    { app: stage.server.url, room: chat_id, queries: ["", `?ticket=${ticket}`, `?token=${who.token}`] },
  );
  expect(sockets).toEqual(["closed", "closed", "closed"]);

  const changes: [method: string, path: string, body?: Record<string, string>][] = [
    ["POST", "/api/user/refresh/"],
    ["POST", "/api/user/logout/"],
    ["POST", "/api/user/login/", { email: attacker.email, password: attacker.password }],
    ["POST", "/api/user/register/", { email: "new@example.com", username: "새사람", password: "bap-meokja-1", password2: "bap-meokja-1", address: who.address }],
    ["POST", "/api/user/social/start/kakao/", { next: "/board" }],
    ["POST", "/api/user/social/pending/", { email: "new@example.com", username: "새사람", address: who.address }],
    ["POST", "/api/user/update/", { username: "바뀐이름" }],
    ["POST", "/api/user/delete/", { password: who.password }],
    ["POST", "/api/post/write/", { title: "몰래 쓴 글", category: "치킨", content: "글", target_number: "4" }],
    ["POST", `/api/chat/${chat_id}/ticket/`],
    ["POST", `/api/chat/${chat_id}/`],
    ["DELETE", `/api/chat/${chat_id}/`],
    ["DELETE", "/api/user/sessions/"],
  ];
  const answers = await page.evaluate(
    async ({ app, changes }) => {
      const seen: string[] = [];
      for (const [method, path, fields] of changes) {
        for (const mode of ["cors", "no-cors"] as const) {
          const body = fields && new URLSearchParams(fields);
          const answer = await fetch(app + path, { method, mode, credentials: "include", ...(body && { body }) }).catch(() => null);
          seen.push(answer === null ? "refused" : answer.type);
        }
      }
      return seen;
    },
    { app: stage.server.url, changes },
  );
  // Nothing can be read; what is sent blindly is not done, as the cookies and the posts show.
  for (const answer of answers) expect(["refused", "opaque"]).toContain(answer);

  const withCookie: string[] = [];
  for (const [, path, fields] of changes.filter(([method]) => method === "POST")) {
    const tab = await victim.context.newPage();
    await tab.goto(page.url());
    const answering = tab.waitForResponse((response) => new URL(response.url()).pathname === path);
    await tab.evaluate(
      ({ action, fields }) => {
        const form = document.body.appendChild(Object.assign(document.createElement("form"), { method: "POST", action }));
        for (const [name, value] of Object.entries(fields ?? {})) form.append(Object.assign(document.createElement("input"), { name, value }));
        form.submit();
      },
      { action: stage.server.url + path, fields },
    );
    const answer = await answering;
    expect(answer.status(), path).toBe(403);
    if ("cookie" in (await answer.request().allHeaders())) withCookie.push(path);
    await tab.close();
  }

  const framed = await page.evaluate(
    (app) =>
      new Promise<boolean>((resolve) => {
        const frame = document.body.appendChild(Object.assign(document.createElement("iframe"), { src: `${app}/me` }));
        frame.onload = () => resolve(frame.contentDocument === null && frame.contentWindow!.length > 0);
      }),
    stage.server.url,
  );
  expect(framed).toBe(false);
  expect(page.frames().map((frame) => frame.url())).not.toContainEqual(expect.stringContaining(`${stage.server.url}/me`));

  // The cookies did go along, so it was not their absence that kept everything as it is.
  expect(withCookie).toContain("/api/user/logout/");
  expect(await cookies()).toEqual(before);
  await expect(api.signIn({ ...who, email: "new@example.com", password: "bap-meokja-1" })).rejects.toThrow("401");
  await victim.open("/me");
  await victim.sees(victim.button(account.signOut));
  expect(await victim.field(account.username).inputValue()).toBe("선량");
  const back = await api.signIn(who);
  expect((await api.board(back)).map(({ title }) => title)).toEqual(["그대로인 글"]);
  expect((await api.said(back, chat_id)).map(({ message }) => message)).toEqual(["처음부터 있던 말"]);
});
