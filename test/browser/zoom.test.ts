import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { account, landing } from "../../adapter/web/src/words/account";
import { nav } from "../../adapter/web/src/words/ko";
import { board } from "../../adapter/web/src/words/party";
import { form } from "../../adapter/web/src/words/post";
import { Api } from "./harness/api";
import { demo, somebody } from "./harness/cast";
import { stubWeather } from "./harness/panels";
import type { Person } from "./harness/person";
import { setStage } from "./harness/stage";

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
