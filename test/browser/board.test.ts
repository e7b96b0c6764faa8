import { mkdirSync } from "node:fs";
import { expect, test } from "vitest";
import { account } from "../../adapter/web/src/words/account";
import { offline } from "../../adapter/web/src/words/ko";
import { board, list, party } from "../../adapter/web/src/words/party";
import { Api, type Known } from "./harness/api";
import { somebody, seocho, yeoksam } from "./harness/cast";
import type { Device, Person } from "./harness/person";
import { output, setStage } from "./harness/stage";
import { lineLost } from "./harness/watch";

// The board by state, and how it goes on.
const stage = setStage();
stage.server.settings.MEALBUDDY_LIMITS = "off";
const api = new Api(stage.server);
const devices: Device[] = ["phone", "desktop"];
const homes = { phone: yeoksam, desktop: seocho };

const states = (person: Person) => person.page.getByRole("navigation", { name: board.states });
const cards = (person: Person) => person.page.locator("section[aria-labelledby=list] li").filter({ has: person.page.getByRole("heading", { level: 3 }) });
const choose = (person: Person, state: keyof typeof board.stateNames) => person.press(person.link(board.stateNames[state], states(person)));

async function picture(person: Person, name: string) {
  if (!process.env["MEALBUDDY_PICTURES"]) return;
  mkdirSync(`${output}board`, { recursive: true });
  await person.page.screenshot({ path: `${output}board/${name}-${person.device}.png` });
}

/** Twenty-five posts that recruit, with twelve that do not before them. */
async function full(device: Device): Promise<{ writer: Known; person: Person }> {
  const writer = await api.register(somebody(`긴게시판${device}`, { address: homes[device] }));
  for (let n = 1; n <= 25; n += 1) await api.write(writer, { title: `모집 ${n}`, category: n % 2 ? "치킨" : "피자" });
  for (let n = 1; n <= 12; n += 1) {
    const { id } = await api.write(writer, { title: `끝남 ${n}` });
    await api.edit(writer, id, { is_compelete: true });
  }
  const person = await stage.enter(writer, device);
  await person.come("/board");
  return { writer, person };
}

test.each(devices)("keys lead past the kinds of food to the posts (%s)", async (device) => {
  const who = await api.register(somebody(`건너뛰기${device}`, { address: device === "phone" ? "서울특별시 마포구 서교동" : "서울특별시 마포구 망원동" }));
  await api.write(who, { title: "건너뛰어 볼 글" });
  const person = await stage.enter(who, device);
  await person.come("/board");
  await person.sees(person.link("건너뛰어 볼 글"));
  const skip = person.link(board.skip);
  await person.page.getByRole("heading", { level: 1 }).getByRole("button").focus();
  await person.page.keyboard.press("Tab");
  expect(await skip.evaluate((link) => link === document.activeElement)).toBe(true);
  await person.canSee(skip);
  await picture(person, "skip");
  await person.page.keyboard.press("Enter");
  await person.page.keyboard.press("Tab");
  expect(await person.link("건너뛰어 볼 글").evaluate((link) => link === document.activeElement)).toBe(true);
  expect(person.place).toBe("/board");
  await skip.waitFor(); // and is in nobody's way
  expect(await skip.evaluate((link) => getComputedStyle(link).clipPath)).not.toBe("none");
});

test.each(devices)("the filter is the server's, with pages of its own, and Back keeps it (%s)", async (device) => {
  const { person } = await full(device);
  // Twelve newer posts recruit no more, and are in nobody's way.
  await person.sees(person.link("모집 25"));
  await person.misses(person.link("끝남 12"));
  expect(await states(person).getByRole("link").allInnerTexts()).toEqual(["모집 중", "완료", "전체"]);
  await picture(person, "recruiting");

  await choose(person, "complete");
  await person.sees(person.link("끝남 12"));
  await person.sees(cards(person).first().getByText(party.done));
  expect(person.place).toBe("/board?state=complete");
  await picture(person, "complete");
  await choose(person, "all");
  await person.sees(person.link("끝남 12"));
  expect(person.place).toBe("/board?state=all");
  await person.page.goBack();
  await person.at("/board?state=complete");
  await person.page.goBack();
  await person.at("/board");
  await person.sees(person.link("모집 25"));
  await person.misses(person.link("끝남 12"));

  const pages = person.page.getByRole("navigation", { name: list.pages });
  if (device === "desktop") {
    expect(await pages.getByRole("listitem").allInnerTexts()).toEqual(["1", "2", "3"]);
    await person.press(person.link(list.page(3)));
    await person.at("/board?page=3");
    await person.sees(person.link("모집 1"));
    expect(await cards(person).count()).toBe(5);
  } else {
    expect(await pages.count()).toBe(0);
  }
});

test("a page that is opened by its address begins at the top", async () => {
  const who = await api.register(somebody("주소로여는이", { address: "서울특별시 마포구 합정동" }));
  for (let n = 1; n <= 8; n += 1) await api.write(who, { title: `합정 ${n}` });
  const person = await stage.enter(who, "phone");
  await person.come("/board");
  const at = () => person.page.evaluate(() => scrollY);
  await person.open("/me");
  await person.seesHeading(account.profileTitle);
  await person.page.mouse.wheel(0, 300);
  await expect.poll(at).toBeGreaterThan(100);
  await person.open("/board");
  await person.sees(person.link("합정 8"));
  await person.page.waitForLoadState("networkidle");
  expect(await at()).toBe(0);
});

test("on a phone the list goes on by scrolling, and Back finds the place", async () => {
  const writer = await api.register(somebody("스크롤이웃", { address: "서울특별시 강남구 대치동" }));
  for (let n = 1; n <= 32; n += 1) await api.write(writer, { title: `모집 ${n}` });
  const person = await stage.enter(writer, "phone");
  await person.come("/board");
  const { page } = person;
  await person.sees(person.link("모집 32"));
  for (const title of ["모집 22", "모집 12", "모집 2"]) {
    await expect.poll(async () => {
      await page.mouse.wheel(0, 4000);
      return person.link(title).count();
    }).toBe(1);
  }
  await person.sees(person.link("모집 1"));
  expect(await cards(person).count()).toBe(32);
  expect(new Set(await cards(person).getByRole("heading").allInnerTexts()).size).toBe(32);
  await person.misses(person.button(list.more));

  await person.link("모집 9").scrollIntoViewIfNeeded();
  const place = await page.evaluate(() => scrollY);
  expect(place).toBeGreaterThan(1000);
  await person.pressLink("모집 9");
  await person.seesHeading("모집 9");
  await page.goBack();
  await person.sees(person.link("모집 9"));
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(place);
  expect(await cards(person).count()).toBe(32);
});

test("the list goes on by a button, which leads a keyboard to the first new post", async () => {
  const writer = await api.register(somebody("단추이웃", { address: "서울특별시 강남구 삼성동" }));
  for (let n = 1; n <= 12; n += 1) await api.write(writer, { title: `모집 ${n}` });
  const person = await stage.enter(writer, "phone");
  // A browser without it, and who does not scroll.
  await person.page.addInitScript(() => Reflect.deleteProperty(window, "IntersectionObserver"));
  await person.come("/board");
  await person.sees(person.link("모집 12"));
  expect(await cards(person).count()).toBe(10);
  await person.button(list.more).focus();
  await person.page.keyboard.press("Enter");
  await person.sees(person.link("모집 2"));
  await expect.poll(() => person.page.evaluate(() => document.activeElement?.textContent)).toBe("모집 2");
  await person.sees(person.page.getByRole("status").filter({ hasText: list.count(12) }).or(person.link("모집 1")).first());
  await picture(person, "more");
});

test.each(devices)("says that nobody recruits, and leads to the others (%s)", async (device) => {
  const writer = await api.register(somebody(`조용한${device}`, { address: device === "phone" ? "서울특별시 강남구 논현동" : "서울특별시 강남구 신사동" }));
  const { id } = await api.write(writer, { title: "벌써 끝난 글" });
  await api.edit(writer, id, { is_compelete: true });
  const person = await stage.enter(writer, device);
  await person.come("/board");
  await person.sees(board.noneOf.recruiting);
  await picture(person, "none");
  await person.pressLink(board.anyState);
  await person.sees(person.link("벌써 끝난 글"));
});

/** What a browser tells a page that one comes back to. */
const comeBack = (person: Person) => person.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange", { bubbles: true })));

test.each(devices)("new posts announce themselves, and come when they are asked for (%s)", async (device) => {
  const address = device === "phone" ? "서울특별시 송파구 잠실본동" : "서울특별시 송파구 문정동";
  const writer = await api.register(somebody(`새글이웃${device}`, { address }));
  for (let n = 1; n <= 9; n += 1) await api.write(writer, { title: `먼저 ${n}` });
  const me = await api.register(somebody(`보는이${device}`, { address }));
  const person = await stage.enter(me, device);
  person.watch.forgive(...lineLost);
  const { page } = person;
  await person.come("/board");
  await person.sees(person.link("먼저 9"));
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => scrollTo(0, 250));
  const top = () => person.link("먼저 5").evaluate((link) => Math.round(link.getBoundingClientRect().top));
  const before = await top();

  await api.write(writer, { title: "나중 1" });
  await comeBack(person);
  await person.sees(person.button(list.news(1, 10)));
  await api.write(writer, { title: "나중 2" });
  await page.context().setOffline(true);
  await person.sees(offline.bar);
  await page.context().setOffline(false);
  await person.misses(offline.bar);
  await comeBack(person);
  await person.sees(person.button(list.news(2, 10)));
  expect(await person.link("나중 1").count()).toBe(0);
  expect(await top()).toBe(before);
  await picture(person, "news");

  // One's own does not wait, and the others wait on behind the post that one reads meanwhile.
  await api.write(me, { title: "내가 쓴 글" });
  await comeBack(person);
  await person.sees(person.link("내가 쓴 글"));
  await person.press(person.link("먼저 5"));
  await person.seesHeading("먼저 5");
  await page.goBack();
  await person.sees(person.button(list.news(2, 10)));
  expect(await person.link("나중 2").count()).toBe(0);

  await person.pressButton(list.news(2, 10));
  await person.sees(person.link("나중 2"));
  await person.sees(person.link("나중 1"));
  await person.misses(person.button(list.news(2, 10)));
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(0);
  expect((await cards(person).getByRole("heading").allInnerTexts()).slice(0, 4)).toEqual(["내가 쓴 글", "나중 2", "나중 1", "먼저 9"]);
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(board.list);
});
