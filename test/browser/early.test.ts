import { expect, test } from "vitest";
import type { components } from "../../adapter/web/src/api/schema";
import { common, nav } from "../../adapter/web/src/words/ko";
import { chef } from "../../adapter/web/src/words/menu";
import { Api } from "./harness/api";
import { demo, somebody } from "./harness/cast";
import type { Person } from "./harness/person";
import { setStage } from "./harness/stage";
import { answered } from "./harness/watch";

// The board can be read before the app is here, and the app goes on from what is there.
const stage = setStage({ demo: true });
const api = new Api(stage.server);

type Page = components["schemas"]["PostPage"];
const scripts = /\/assets\/(app|vendor)-[^/]+\.js$/;
const posts = /\/api\/post\/$/;

/** Keeps what is asked for from arriving until it is let go. */
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

/** What is in the page, without the marks that React leaves and without what the clock says. */
async function markup(person: Person): Promise<string> {
  const html = await root(person).evaluate((root) => root.innerHTML);
  return html.replace(/<!--.*?-->/g, "").replace(/(<time[^>]*>)[^<]*/g, "$1").replace(/ style=""/g, "");
}

/** Somebody who has the app's files nowhere yet. */
async function enter(who = demo): Promise<Person> {
  const person = await stage.enter(who, "phone");
  await person.come("/me");
  return person;
}

const post = (page: Page, part: Partial<Page["posts"][number]>) => ({ ...page.posts[0]!, ...part });

const boards: [what: string, change: (page: Page) => Page][] = [
  ["as it is", (page) => page],
  ["of one page", (page) => ({ ...page, paginator: { page_range: [1], current_page: 1, prev_button: null, next_button: null } })],
  ["with more pages than it names", (page) => ({ ...page, paginator: { page_range: [1, 2, 3], current_page: 1, prev_button: null, next_button: 11 } })],
  [
    "with all that people write",
    (page) => ({
      ...page,
      posts: [
        post(page, { id: 1, title: "<b>&amp;\"'</b>", content: "첫 줄\n둘째 줄 <script>\uE004</script>" }),
        post(page, { id: 2, title: "\uE005", content: "https://example.com/?a=1&b=2", is_compelete: true, join_number: 1, target_number: 10 }),
        post(page, { id: 3, created_at: "2020-02-29T23:59:59.999999Z", category: "돈까스,회,일식", join_number: 10, target_number: 10 }),
        post(page, { id: 4, created_at: "2099-01-01T00:00:00Z", category: "족발,보쌈" }),
      ],
    }),
  ],
];

for (const [what, change] of boards) {
  test(`a board ${what} is drawn early just as React draws it`, async () => {
    const person = await enter();
    // What comes once the page is quiet stays away.
    await hold(person, /\/assets\/panels-[^/]+\.js$/);
    await person.context.route(/\/api\/post\/(\?state=all)?$/, async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: change((await answer.json()) as Page) });
    });
    const letGo = await hold(person, scripts);
    const asked: string[] = [];
    person.page.on("request", (request) => posts.test(request.url()) && asked.push(request.url()));
    await begin(person);
    const card = person.page.getByRole("listitem").filter({ has: person.page.getByRole("heading") }).first();
    await person.sees(card);
    const early = await markup(person);
    await card.evaluate((card) => Object.assign(card, { early: true }));

    letGo();
    await person.page.waitForFunction(() => Object.keys(document.querySelector("h3 a") ?? {}).some((key) => key.startsWith("__reactProps$")));
    expect(await card.evaluate((card) => "early" in card)).toBe(true);
    expect(await markup(person)).toBe(early);
    expect(asked).toHaveLength(1);

    // An address that says what goes without saying: here React draws it all.
    await person.open("/board?state=all");
    await person.sees(card);
    expect(await markup(person)).toBe(early);
  });
}

test("without an answer the app does not wait, and asks only once", async () => {
  const person = await enter();
  const asked: string[] = [];
  person.page.on("request", (request) => posts.test(request.url()) && asked.push(request.url()));
  const letGo = await hold(person, posts);
  await begin(person);
  await person.page.waitForFunction(() => !("board" in document.documentElement.dataset));
  await person.sees(common.loading);
  letGo();
  await person.sees(person.page.getByRole("heading", { level: 3 }).first());
  expect(asked).toHaveLength(1);
});

test("what is pressed before the app is here is not pressed in vain", async () => {
  const person = await enter();
  const letGo = await hold(person, scripts);
  await begin(person);
  await person.pressButton(nav.menus);
  letGo();
  await person.sees(person.page.getByRole("dialog", { name: chef.title }));
});

test("a sign-in that is over leads to the sign-in", async () => {
  const person = await enter();
  person.watch.forgive(answered(401));
  await person.context.route(/\/api\/user\/refresh\/$/, (route) => route.fulfill({ status: 401, contentType: "application/problem+json", body: JSON.stringify({ code: "not_signed_in", status: 401, detail: "", title: "" }) }));
  await person.open("/board");
  await person.at("/signin?next=%2Fboard");
});

test("an empty board is left to the app", async () => {
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

test("a reload comes back to its place before the app is here", async () => {
  const person = await enter();
  await person.open("/board");
  await person.sees(person.page.getByRole("heading", { level: 3 }).first());
  await person.page.waitForFunction(() => history.scrollRestoration === "manual");
  await person.page.mouse.wheel(0, 600);
  await person.page.waitForFunction(() => scrollY > 300);
  const place = await person.page.evaluate(() => scrollY);
  const letGo = await hold(person, scripts);
  await person.page.reload({ waitUntil: "commit" });
  await person.page.waitForFunction((place) => scrollY === place, place);
  expect(await root(person).evaluate((root) => Object.keys(root).length)).toBe(0);
  letGo();
  await person.page.waitForFunction(() => !("board" in document.documentElement.dataset));
  expect(await person.page.evaluate(() => scrollY)).toBe(place);
});

test("who is known is led from the first page to the board", async () => {
  const person = await enter();
  await person.open("/");
  await person.at("/board");
  await person.sees(person.page.getByRole("heading", { level: 3 }).first());
});
