import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import { nav } from "../../adapter/web/src/words/ko";
import { board } from "../../adapter/web/src/words/party";
import { form } from "../../adapter/web/src/words/post";
import { Api } from "./harness/api";
import { demo } from "./harness/cast";
import { look } from "./harness/look";
import { stubWeather } from "./harness/panels";
import type { Device, Person } from "./harness/person";
import { setStage } from "./harness/stage";

// What stays in place while one reads, and how much room it leaves.
const stage = setStage({ demo: true });
const api = new Api(stage.server);
const devices: Device[] = ["phone", "desktop"];

const states = (person: Person) => person.page.getByRole("navigation", { name: board.states });
const categories = (person: Person) => person.page.getByRole("navigation", { name: board.categories });
const cards = (person: Person) => person.page.getByRole("listitem").filter({ has: person.page.getByRole("heading", { level: 3 }) });
const box = async (what: Locator) => (await what.boundingBox())!;

/** What names a kind of food, without its picture. */
const nameOf = (person: Person, kind: string) => categories(person).getByRole("link", { name: kind, exact: true }).locator("span").last();

async function enter(device: Device, viewport?: { width: number; height: number }): Promise<Person> {
  const person = await stage.enter(demo, device, { reducedMotion: "reduce", ...(viewport && { viewport }) });
  await stubWeather(person.context, person.watch);
  await person.come("/board");
  await cards(person).first().waitFor();
  return person;
}

const scrollDown = (person: Person, y: number) => person.page.evaluate(async (y) => {
  scrollTo(0, y);
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
}, y);

test.each([[740, 360], [640, 360], [844, 390]])("a phone on its side, %i × %i, leaves three fifths of its height to what one came for", async (width, height) => {
  const joined = (await api.board(await api.signIn(demo))).find(({ title }) => title.startsWith("치킨 같이"))!;
  const person = await enter("phone", { width, height });
  const tabs = person.page.getByRole("navigation", { name: nav.label }).last();
  // From 768 px on there are none; the last navigation is the header's.
  const bottom = width < 768 ? (await box(tabs)).y : height;
  expect.soft((bottom - (await box(cards(person).first())).y) / height, "the board").toBeGreaterThanOrEqual(0.6);
  await look(person.page, `board-side-${width}`, "side");
  await scrollDown(person, 400);
  const filters = await box(states(person));
  expect.soft((bottom - filters.y - filters.height) / height, "the board, scrolled").toBeGreaterThanOrEqual(0.6);
  expect.soft(filters.y).toBeGreaterThanOrEqual(0);

  await person.open(`/posts/${joined.id}`);
  await person.seesHeading(joined.title);
  await scrollDown(person, 4000);
  const fixed = await person.page.evaluate(() => {
    // What lies over the text, row by row in the middle of its column.
    const x = document.querySelector("article header")!.getBoundingClientRect().x + 40;
    let rows = 0;
    for (let y = 0; y < innerHeight; y += 1) {
      const there = document.elementFromPoint(x, y);
      for (let at = there; at; at = at.parentElement) if (/sticky|fixed/.test(getComputedStyle(at).position)) { rows += 1; break; }
    }
    return rows;
  });
  expect.soft(1 - fixed / height, "the post").toBeGreaterThanOrEqual(0.6);
  await look(person.page, `post-side-${width}`, "side");

  await person.open(`/rooms/${joined.chat_id}`);
  await person.sees(person.composer);
  expect.soft((await box(person.page.getByRole("log"))).height / height, "the room").toBeGreaterThanOrEqual(0.6);

  await person.open("/posts/new");
  await person.button(form.submit).scrollIntoViewIfNeeded();
  const heading = await box(person.page.getByRole("heading", { level: 1 }));
  expect.soft((height - Math.max(0, heading.y + heading.height)) / height, "the form").toBeGreaterThanOrEqual(0.6);
});

test.each(devices)("kinds of food and states stay within reach, and cover nothing that has the focus (%s)", async (device) => {
  const person = await enter(device);
  const { page } = person;
  await page.waitForLoadState("networkidle");
  const shifted = () => page.evaluate(() => (window as unknown as { shifts: { value: number }[] }).shifts.reduce((sum, { value }) => sum + value, 0));
  const before = await shifted();
  await page.mouse.move(180, 500);
  await page.mouse.wheel(0, 700);
  await page.waitForFunction(() => scrollY > 300);
  await person.canSee(person.link(board.stateNames.complete, states(person)));
  const name = nameOf(person, "찜·탕·찌개");
  await person.canSee(name);
  expect((await shifted()) - before).toBeLessThan(0.002);

  // The focus goes back up through the cards, each clear of what stays at the top.
  await cards(person).nth(7).getByRole("link").focus();
  for (let n = 7; n > 0; n -= 1) {
    await page.keyboard.press("Shift+Tab");
    const { top, edge } = await page.evaluate((name) => {
      const card = document.activeElement!.closest("li")!.getBoundingClientRect();
      return { top: card.top, edge: document.querySelector(`nav[aria-label="${name}"]`)!.getBoundingClientRect().bottom };
    }, board.states);
    expect(top).toBeGreaterThanOrEqual(edge - 1);
  }

  // From far down a press filters, and the list begins at its top.
  await scrollDown(person, 600);
  const { x, y, width, height } = await box(name);
  if (device === "phone") await page.touchscreen.tap(x + width / 2, y + height / 2);
  else await page.mouse.click(x + width / 2, y + height / 2);
  await person.at(/category=/);
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(0);
});

test.each(devices)("전체 is said once (%s)", async (device) => {
  const person = await enter(device);
  expect(await person.page.getByText("전체", { exact: true }).count()).toBe(1);
});
