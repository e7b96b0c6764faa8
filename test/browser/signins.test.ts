import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { expect, test } from "vitest";
import { account } from "../../adapter/web/src/words/account";
import { offline } from "../../adapter/web/src/words/ko";
import { form } from "../../adapter/web/src/words/post";
import { Api } from "./harness/api";
import { killIn, launchIn } from "./harness/browser";
import { somebody } from "./harness/cast";
import { Person } from "./harness/person";
import { setStage } from "./harness/stage";
import { answered, lineLost, Watch } from "./harness/watch";

// How long one stays signed in, where, and what a browser keeps of it.
const stage = setStage();
const api = new Api(stage.server);
const { devices } = account;

const refreshes = /\/api\/user\/refresh\/$/;

/** Counts what the tabs of a browser ask for. */
function count(context: BrowserContext, what: RegExp): () => number {
  let times = 0;
  context.on("request", (request) => {
    if (what.test(request.url())) times += 1;
  });
  return () => times;
}

/** Notes every token that is sent, and gives them with those in the cookies. */
function secrets(context: BrowserContext): () => Promise<string[]> {
  const seen = new Set<string>();
  context.on("request", (request) => {
    const [, token] = (request.headers()["authorization"] ?? "").split(" ");
    if (token) seen.add(token);
    const ticket = new URL(request.url()).searchParams.get("ticket");
    if (ticket) seen.add(ticket);
  });
  return async () => [...seen, ...(await context.cookies()).map(({ value }) => value)];
}

/** All that scripts can find of what the page and its origin keep. */
async function kept(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const databases: unknown[] = [];
    for (const { name } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const opening = indexedDB.open(name!);
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(new Error(String(opening.error)));
      });
      for (const store of database.objectStoreNames) {
        databases.push(
          name,
          store,
          await new Promise((resolve) => {
            const all = database.transaction(store).objectStore(store).getAll();
            all.onsuccess = () => resolve(all.result);
          }),
        );
      }
    }
    const files: string[] = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) files.push(request.url, (await (await cache.match(request))!.text()));
    }
    return [
      JSON.stringify({ ...localStorage }),
      JSON.stringify({ ...sessionStorage }),
      JSON.stringify(databases),
      files.join("\n"),
      document.cookie,
      document.documentElement.outerHTML,
      location.href,
      JSON.stringify(history.state),
      window.name,
      JSON.stringify(performance.getEntriesByType("resource").map(({ name }) => name)),
    ].join("\n");
  });
}

test("who closes the browser is still signed in afterwards, and nothing secret lies about", { timeout: 120_000 }, async () => {
  const who = await api.register(somebody("가온"));
  const post = await api.write(who);
  const folder = mkdtempSync(join(tmpdir(), "mealbuddy-browser-"));
  const open = async (): Promise<{ person: Person; known: () => Promise<string[]> }> => {
    const context = await launchIn(folder, { baseURL: stage.server.url, locale: "ko-KR", viewport: { width: 1280, height: 800 } });
    context.setDefaultTimeout(15_000);
    const watch = await Watch.over(context, who.username);
    const person = new Person(who, "desktop", context, context.pages()[0] ?? (await context.newPage()), watch);
    stage.people.push(person);
    return { person, known: secrets(context) };
  };
  try {
    const first = await open();
    await first.person.come("/board");
    await first.person.sees(post.title);
    const before = await first.known();
    await first.person.context.close();

    const { person, known } = await open();
    await person.open("/board");
    await person.sees(post.title);
    expect(person.place).toBe("/board");
    await person.open(`/rooms/${post.chat_id}`);
    await person.says("저 왔어요");
    for (const path of ["/board", `/rooms/${post.chat_id}`, "/me", "/me/devices"]) {
      await person.open(path);
      await person.sees(person.page.getByRole("heading", { level: 1 }));
      const found = await kept(person.page);
      expect(found).toContain(who.username);
      const all = [...before, ...(await known()), who.password];
      expect(all.length).toBeGreaterThan(4);
      // A ticket stands in the address of the socket, and is worth nothing once that is open.
      for (const secret of all) expect(found.includes(secret), `${secret.slice(0, 12)}… lies about on ${path}`).toBe(false);
      expect(found).not.toMatch(/eyJ[\w-]+\.eyJ/);
    }
    expect(await person.page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain("@");
    const cookies = await person.context.cookies();
    for (const cookie of cookies) expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/api/user/" });
    expect(cookies.map(({ name }) => name)).toContain("mealbuddy_sign_in");
  } finally {
    await stage.leave();
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a browser that is killed right after a reload, before its cookies are on the disk, stays signed in", async () => {
  const who = await api.register(somebody("다솜"));
  const post = await api.write(who, { title: "다시 켜도 그대로" });
  const folder = mkdtempSync(join(tmpdir(), "mealbuddy-killed-"));
  const open = async () => {
    const context = await launchIn(folder, { baseURL: stage.server.url, locale: "ko-KR", serviceWorkers: "block" });
    context.setDefaultTimeout(15_000);
    return { context, page: context.pages()[0] ?? (await context.newPage()) };
  };
  const kept = async (context: BrowserContext) => (await context.cookies()).find(({ name }) => name === "mealbuddy_sign_in")?.value;
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  try {
    const first = await open();
    await new Person(who, "desktop", first.context, first.page, await Watch.over(first.context, who.username)).come("/board");
    await first.context.close();

    // The browser writes cookies down twice a minute: where that comes in between, there is nothing to see, and it is done again.
    let again = await open();
    for (let before = "", tries = 0; ; tries++) {
      before = (await kept(again.context))!;
      await again.page.goto("/board");
      await again.page.getByText(post.title).waitFor();
      expect(await kept(again.context)).not.toBe(before);
      await pause(4_000);
      const gone = new Promise((resolve) => again.context.once("close", resolve));
      killIn(folder);
      await gone;
      await pause(10_000); // as long as two tabs may take to use the same token, and more
      again = await open();
      if ((await kept(again.context)) === before) break;
      expect(tries, "the new cookie is always on the disk").toBeLessThan(4);
    }

    const { context, page } = again;
    await page.goto("/board");
    await page.getByText(post.title).waitFor();
    expect(new URL(page.url()).pathname).toBe("/board");
    await context.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 180_000);

test("a device that is ended from another one is told within a second, and its chat is cut", async () => {
  const who = await api.register(somebody("나래"));
  const { chat_id } = await api.write(who);
  const lost = await stage.enter(who, "phone", { userAgent: "Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile" });
  const here = await stage.enter(who, "desktop");
  const socket = lost.page.waitForEvent("websocket");
  await lost.come(`/rooms/${chat_id}`);
  await lost.says("여기 있어요");
  await lost.composer.fill("아직 쓰던 말");
  const line = await socket;
  expect(line.url()).toMatch(/\?ticket=[\w-]{43}&after=\d+$/);
  lost.watch.forgive(answered(401));

  await here.come("/me");
  await here.pressLink(devices.title);
  const item = here.page.getByRole("listitem").filter({ hasText: "Chrome · Android" });
  await here.sees(item);
  await here.sees(here.page.getByRole("listitem").filter({ hasText: devices.here }));
  await here.press(here.button(devices.endName("Chrome · Android")));
  let ended = 0;
  let cut = 0;
  let led = 0;
  here.page.on("response", (response) => {
    if (response.request().method() === "DELETE") ended = performance.now();
  });
  const gone = Promise.all([
    line.isClosed() ? null : line.waitForEvent("close").then(() => (cut = performance.now())),
    lost.page.waitForURL((url) => url.pathname === "/signin").then(() => (led = performance.now())),
  ]);
  await here.confirm(devices.endTitle("Chrome · Android"), devices.endDo);
  await gone;
  expect(Math.max(cut, led) - ended).toBeLessThan(1000);
  await here.misses(item);
  await lost.sees(account.signInEnded.elsewhere);
  expect(lost.place).toBe(`/signin?next=${encodeURIComponent(`/rooms/${chat_id}`)}`);

  await lost.signIn();
  await lost.at(`/rooms/${chat_id}`);
  await lost.hears("여기 있어요");
});

test("what was being written is still there after a sign-in that ended elsewhere", async () => {
  const who = await api.register(somebody("다온"));
  const lost = await stage.enter(who, "phone");
  await lost.come("/posts/new");
  await lost.fill(form.title, "족발 반반 나눠요");
  const here = await stage.enter(who, "desktop");
  await here.come("/me/devices");
  lost.watch.forgive(answered(401));
  await here.pressButton(devices.endAll);
  await here.press(here.button(devices.endDo, here.page.getByRole("alertdialog")));
  await here.at("/");
  await here.sees(devices.endedAll);
  await here.open("/me");
  await here.at("/signin?next=%2Fme");

  await lost.page.reload();
  await lost.sees(account.signInEnded.expired);
  await lost.signIn();
  await lost.at("/posts/new");
  expect(await lost.field(form.title).inputValue()).toBe("족발 반반 나눠요");
});

test("two tabs refresh once between them, and both go on", async () => {
  const person = await stage.enter(await api.register(somebody("라온")), "desktop");
  await person.come("/board");
  const other = await person.context.newPage();
  await other.goto("/me");
  await other.getByRole("button", { name: account.signOut }).waitFor();
  const tabs = [person.page, other];
  await Promise.all(tabs.map((tab) => tab.waitForLoadState("networkidle")));
  const times = count(person.context, refreshes);
  const start = Date.now();
  for (let round = 1; round <= 5; round += 1) {
    const answers = person.context.waitForEvent("response", (response) => refreshes.test(response.url()));
    // Two thirds of a quarter of an hour later.
    for (const tab of tabs) await tab.clock.setFixedTime(start + round * 11 * 60_000);
    await Promise.all(tabs.map((tab) => tab.evaluate(() => dispatchEvent(new Event("focus")))));
    expect((await answers).status()).toBe(200);
    await Promise.all(tabs.map((tab) => tab.waitForLoadState("networkidle")));
    expect(times()).toBe(round);
  }
  await person.open("/me");
  await person.sees(person.button(account.signOut));
});

test("a page that is opened without a network is somebody's, and goes on when there is one", async () => {
  const who = await api.register(somebody("마루"));
  const { title } = await api.write(who);
  const person = await stage.enter(who, "phone", { settles: true });
  await person.come("/board");
  await person.sees(title);
  await person.page.waitForFunction(async () => (await navigator.serviceWorker.ready).active?.state === "activated");
  person.watch.forgive(...lineLost);
  await person.context.setOffline(true);
  await person.page.reload();
  await person.sees(offline.bar);
  await person.sees(person.page.getByRole("link", { name: "내 정보" }).first());
  expect(person.place).toBe("/board");
  await person.context.setOffline(false);
  await person.sees(title);
});

test("who signs out without a network is told that it did not happen", async () => {
  const person = await stage.enter(await api.register(somebody("바름")), "phone", { settles: true });
  await person.come("/me");
  await person.sees(person.button(account.signOut));
  await person.page.waitForFunction(async () => (await navigator.serviceWorker.ready).active?.state === "activated");
  await person.page.waitForLoadState("networkidle");
  person.watch.forgive(...lineLost);
  await person.context.setOffline(true);
  await person.pressButton(account.signOut);
  await person.sees(/인터넷에 연결되지 않았어요/);
  expect(person.place).toBe("/me");
  await person.context.setOffline(false);
  await person.pressButton(account.signOut);
  await person.at("/");
  person.watch.forgive(answered(401));
  const { status } = await person.page.evaluate(async () => {
    const answer = await fetch("/api/user/refresh/", { method: "POST" });
    return { status: answer.status };
  });
  expect(status).toBe(401);
});
