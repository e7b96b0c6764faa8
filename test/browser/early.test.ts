import { expect, test } from "vitest";
import { board } from "../../adapter/web/src/words/party";
import { chef } from "../../adapter/web/src/words/menu";
import { nav } from "../../adapter/web/src/words/ko";
import { Api } from "./harness/api";
import { demo, somebody } from "./harness/cast";
import type { Person } from "./harness/person";
import { setStage } from "./harness/stage";
import { answered } from "./harness/watch";

// The frame of the board is there before the app, and what it needs is asked for meanwhile.
const stage = setStage({ demo: true });
const api = new Api(stage.server);

const scripts = /\/assets\/(app|vendor)-[^/]+\.js$/;
const posts = /\/api\/post\/\?state=recruiting$/;

/** Keeps requests from being answered until it is called off. */
async function hold(person: Person, what: RegExp): Promise<() => void> {
  let letGo = () => {};
  const gone = new Promise<void>((resolve) => (letGo = resolve));
  await person.context.route(what, async (route) => {
    await gone;
    await route.continue();
  });
  return letGo;
}

/** Opens the board, of which not all may come. */
const begin = (person: Person) => person.page.goto("/board", { waitUntil: "commit" });

const root = (person: Person) => person.page.locator("#root");

const firstCard = (person: Person) => person.page.getByRole("heading", { level: 3 }).first();

/** Somebody who is signed in. */
async function enter(who = demo): Promise<Person> {
  const person = await stage.enter(who, "phone");
  await person.come("/me");
  return person;
}

test("the board has its frame, and asks for its posts, before the app is here; it asks only once", async () => {
  const person = await enter();
  const asked: string[] = [];
  person.page.on("request", (request) => posts.test(request.url()) && asked.push(request.url()));
  const letGo = await hold(person, scripts);
  const early = person.page.waitForRequest(posts);
  await begin(person);
  await early;
  await person.sees(person.page.getByRole("navigation", { name: nav.label }).last());
  await person.sees(person.page.getByRole("navigation", { name: board.categories }));
  expect(await person.page.locator("[aria-busy=true] li").count()).toBe(10);
  // Its links work by themselves.
  expect(await person.link(nav.me).last().getAttribute("href")).toBe("/me");

  letGo();
  await person.sees(firstCard(person));
  await person.seesHeading(/용담이동/);
  expect(asked).toHaveLength(1);
});

test("a sign-in that is over leads to the sign-in", async () => {
  const person = await enter();
  person.watch.forgive(answered(401));
  await person.context.route(/\/api\/user\/refresh\/$/, (route) => route.fulfill({ status: 401, contentType: "application/problem+json", body: JSON.stringify({ code: "not_signed_in", status: 401, detail: "", title: "" }) }));
  await person.open("/board");
  await person.at("/signin?next=%2Fboard");
});

test("a button of the frame waits for the app", async () => {
  const person = await enter();
  const letGo = await hold(person, scripts);
  await begin(person);
  const button = person.page.locator("button", { hasText: nav.menus });
  await button.waitFor();
  expect(await button.evaluate((node) => (node as HTMLElement).inert)).toBe(true);
  letGo();
  await person.pressButton(nav.menus);
  await person.sees(person.page.getByRole("dialog", { name: chef.title }));
});

/** Has the browser report no paint. */
const paintUnknown = (person: Person) =>
  person.context.addInitScript(() => {
    window.PerformanceObserver = class {
      observe() {}
      disconnect() {}
    } as never;
  });

// Safari and Firefox tell of no paint while nothing can be seen.
test("where nothing is painted before the app, it is not waited for", async () => {
  const person = await enter();
  await paintUnknown(person);
  await person.page.goto("/board?page=2");
  await person.sees(firstCard(person));
  const stranger = await stage.enter(somebody("손님"), "phone");
  await paintUnknown(stranger);
  await stranger.page.goto("/board");
  await stranger.at(/^\/signin/);
});

test("an empty board says so", async () => {
  const person = await enter(await api.register(somebody("혼자", { address: "강원특별자치도 춘천시 효자동" })));
  await person.open("/board");
  await person.sees("효자동의 첫 글을 써 보세요");
});

test("a stranger sees nothing of the board", async () => {
  const person = await stage.enter(somebody("손님"), "phone");
  const letGo = await hold(person, scripts);
  const asked = person.page.waitForRequest(scripts);
  await begin(person);
  await asked;
  expect(await root(person).isVisible()).toBe(false);
  letGo();
  await person.at("/signin?next=%2Fboard");
  await person.sees(root(person));
});

test("a reload comes back to its place", async () => {
  const person = await enter();
  await person.open("/board");
  await person.sees(firstCard(person));
  await person.page.mouse.wheel(0, 600);
  await person.page.waitForFunction(() => scrollY > 300);
  const place = await person.page.evaluate(() => scrollY);
  await person.page.reload({ waitUntil: "commit" });
  await person.sees(firstCard(person));
  await person.page.waitForFunction((place) => scrollY === place, place);
});

test("people who are signed in are led from the landing page to the board", async () => {
  const person = await enter();
  await person.open("/");
  await person.at("/board");
  await person.sees(firstCard(person));
});
