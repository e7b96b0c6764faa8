import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { account, landing } from "../../adapter/web/src/words/account";
import { pages } from "../../adapter/web/src/words/ko";
import { Balance } from "./harness/balance";
import { somebody } from "./harness/cast";
import type { Person } from "./harness/person";
import { Server } from "./harness/server";
import { setStage } from "./harness/stage";

// Nodes of this release are replaced by those of the next one, behind one proxy.
const stage = setStage();
const folder = mkdtempSync(join(tmpdir(), "mealbuddy-next-"));
const next = new Server({}, join(folder, "mealbuddy"));
let pick: (path: string) => Server;
const proxy = new Balance((path) => pick(path).port);

beforeAll(async () => {
  execFileSync(process.execPath, [fileURLToPath(new URL("../release/build.mjs", import.meta.url)), next.binary], { stdio: "inherit" });
  await Promise.all([next.start(), proxy.open()]);
}, 600_000);
afterAll(async () => {
  await Promise.all([next.stop(), proxy.close()]);
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  pick = () => stage.server;
});

const either = () => (Math.random() < 0.5 ? stage.server : next);
const isAsset = (path: string) => path.startsWith("/assets/");

async function visit(name: string, settles = false): Promise<Person> {
  const person = await stage.enter(somebody(name), "phone", { url: proxy.url, settles });
  // A browser writes down each file that is missing.
  person.watch.forgive(/^error: Failed to load resource: the server responded with a status of 404 .*\/assets\//, /^error: Refused to (apply style|execute script) from .*\/assets\//);
  return person;
}

/** The app runs: a link of the landing page opens its form. */
async function works(person: Person) {
  await person.page.waitForFunction(() => "started" in document.documentElement.dataset, null, { timeout: 30_000 });
  await person.seesHeading(new RegExp(landing.title[0]!));
}

test("first visits in the middle of an update end in the app, and are never blank", async () => {
  pick = either;
  const visitors = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((n) => visit(`손님${n}`)));
  await Promise.all(visitors.map((person) => person.open("/")));
  for (const { page } of visitors) expect((await page.locator("body").innerText()).trim()).not.toBe("");
  pick = () => next; // the update is over
  await Promise.all(visitors.map(works));
});

test("a page of the release before still finds what it has not loaded yet", async () => {
  const person = await visit("먼저온손님");
  await person.open("/");
  await works(person);
  pick = () => next;
  await person.press(person.link(landing.cta).first());
  await person.seesHeading(account.registerTitle);
  expect(await person.page.evaluate(() => performance.getEntriesByType("navigation").length)).toBe(1);
});

test.each([
  ["the app", /\/app-[^/]+\.js$/],
  ["the first script", /\/early-/],
  ["a style", /\.css$/],
])("where %s is missing, the page is loaded anew once, says so, and goes on by itself", async (_, missing) => {
  const person = await visit("기다리는손님");
  let loads = 0;
  person.page.on("request", (request) => request.isNavigationRequest() && loads++);
  let lost = true;
  await person.context.route(missing, (route) => (lost ? route.fulfill({ status: 404, body: "" }) : route.continue()));
  await person.open("/");
  await person.seesHeading(pages.updatingTitle);
  expect(loads).toBe(2);
  await person.canSee(person.button(pages.reload));
  lost = false;
  await works(person);
  expect(loads).toBe(3);
});

test("a page that comes from the next release, and its files from this one, says so", async () => {
  pick = (path) => (isAsset(path) ? stage.server : next);
  const person = await visit("엇갈린손님");
  await person.open("/");
  await person.seesHeading(pages.updatingTitle);
  pick = () => next;
  await person.pressButton(pages.reload);
  await works(person);
});
