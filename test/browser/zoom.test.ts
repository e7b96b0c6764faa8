import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { account, landing } from "../../adapter/web/src/words/account";
import { nav, seats } from "../../adapter/web/src/words/ko";
import { board } from "../../adapter/web/src/words/party";
import { form } from "../../adapter/web/src/words/post";
import { Api } from "./harness/api";
import { demo, seocho, somebody } from "./harness/cast";
import { settled } from "./harness/look";
import { stubWeather } from "./harness/panels";
import type { Person } from "./harness/person";
import { output, setStage } from "./harness/stage";

// People who need large letters set their browser to twice the size.
const stage = setStage({ demo: true });
const api = new Api(stage.server);

async function doubled(person: Person): Promise<Person> {
  await stubWeather(person.context, person.watch);
  const devtools = await person.context.newCDPSession(person.page);
  await devtools.send("Page.setFontSizes", { fontSizes: { standard: 32, fixed: 26 } });
  return person;
}

/** Texts that reach out of the window or out of a box that hides the rest, other than by an ellipsis. */
async function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const text = node.nodeValue!.trim();
      const owner = node.parentElement!;
      if (!text || owner.closest(".sr-only, noscript, script, style, [hidden]") || !owner.checkVisibility()) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const box = range.getBoundingClientRect();
      for (let around: Element | null = owner; around; around = around.parentElement) {
        const { overflowX, textOverflow, webkitLineClamp, position } = getComputedStyle(around);
        if (overflowX === "auto" || overflowX === "scroll" || textOverflow === "ellipsis" || webkitLineClamp !== "none") break;
        const { left, right } = around === document.documentElement ? { left: 0, right: innerWidth } : around.getBoundingClientRect();
        const clips = overflowX !== "visible" || around === document.documentElement;
        if (clips && position !== "absolute" && (box.left < left - 1 || box.right > right + 1)) {
          found.push(`${text.slice(0, 30)} (${Math.round(box.left)} to ${Math.round(box.right)}) in ${around.tagName}.${around.className}`);
          break;
        }
      }
    }
    return found;
  });
}

async function fits(person: Person, path: string, shows: (person: Person) => Promise<void>) {
  await person.open(path);
  await shows(person);
  await person.page.waitForLoadState("networkidle");
  expect(await person.page.evaluate(() => parseFloat(getComputedStyle(document.documentElement).fontSize))).toBe(32);
  const width = await person.page.evaluate(() => document.scrollingElement!.scrollWidth);
  expect.soft(width, `width of ${path}`).toBeLessThanOrEqual(360);
  expect.soft(await cutOff(person.page), `cut off on ${path}`).toEqual([]);
}

/** The people that are drawn in each group of seats: in how many rows, how wide, and whether within the window and their box. */
const seatsOf = (page: Page) =>
  page.locator("svg[viewBox='0 0 20 22']:first-child").evaluateAll((firsts) =>
    firsts
      .map((first) => first.parentElement!)
      .filter((people) => people.childElementCount === 10)
      .map((people) => {
        const boxes = [...people.children].map((person) => person.getBoundingClientRect());
        const around = people.closest("li, section, form, aside, div")!.getBoundingClientRect();
        return {
          rows: new Set(boxes.map(({ top }) => Math.round(top))).size,
          wide: boxes.every(({ width, height }) => width >= 4 && height >= 4),
          inside: boxes.every(({ right, bottom }) => right <= innerWidth && bottom <= around.bottom + 1),
        };
      }),
  );

test.each([
  [320, 16],
  [360, 16],
  [320, 32],
])("ten seats stand in one row on a screen of %i px, with text of %i px", async (width, size) => {
  const neighbour = await api.register(somebody(`열자리${width}x${size}`, { address: seocho }));
  const post = await api.write(neighbour, { title: "열 명이서 떡볶이 시켜요", target_number: 10 });
  const person = await stage.enter(neighbour, "phone", { viewport: { width, height: 740 } });
  const devtools = await person.context.newCDPSession(person.page);
  await devtools.send("Page.setFontSizes", { fontSizes: { standard: size, fixed: size } });
  await stubWeather(person.context, person.watch);
  await person.come("/board");
  for (const path of ["/board", `/posts/${post.id}`]) {
    await person.open(path);
    await person.sees(person.page.getByRole("img", { name: seats.label(1, 10) }).first());
    await settled(person.page);
    if (process.env["MEALBUDDY_PICTURES"]) await person.page.screenshot({ path: `${output}seats-${width}-${size}${path.replaceAll("/", "-")}.png` });
    for (const ten of await seatsOf(person.page)) expect.soft(ten, path).toEqual({ rows: 1, wide: true, inside: true });
  }
  const guest = await stage.enter(somebody("손님"), "phone", { viewport: { width, height: 740 } });
  await (await guest.context.newCDPSession(guest.page)).send("Page.setFontSizes", { fontSizes: { standard: size, fixed: size } });
  await guest.open(post.shared_path!);
  await guest.sees(guest.page.getByRole("img", { name: seats.label(1, 10) }));
  expect.soft(await seatsOf(guest.page), "shared").toEqual([{ rows: 1, wide: true, inside: true }]);
});

test("text of twice the size fits a narrow phone", async () => {
  const guest = await doubled(await stage.enter(somebody("손님"), "phone"));
  await fits(guest, "/", (p) => p.sees(landing.text));
  await fits(guest, "/signin", (p) => p.sees(p.button(account.signIn)));
  await fits(guest, "/register", (p) => p.sees(p.button(account.register)));

  const posts = await api.board(await api.signIn(demo));
  const joined = posts.find(({ title }) => title.startsWith("치킨 같이"))!;
  const person = await doubled(await stage.enter(demo, "phone"));
  await person.come("/me");
  await fits(person, "/board", (p) => p.sees(p.link(joined.title)));
  await fits(person, "/board?page=2", (p) => p.sees(p.page.getByRole("navigation", { name: board.categories })));
  await fits(person, `/posts/${joined.id}`, (p) => p.seesHeading(joined.title));
  await fits(person, `/rooms/${joined.chat_id}`, (p) => p.sees(p.page.getByRole("log").getByText("좋아요!")));
  await fits(person, "/posts/new", (p) => p.sees(p.button(form.submit)));
  await fits(person, "/me", (p) => p.seesHeading(nav.me));
});
