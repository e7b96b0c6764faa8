import { expect, test } from "vitest";
import { nav } from "../../adapter/web/src/words/ko";
import { chef, weather } from "../../adapter/web/src/words/menu";
import { form } from "../../adapter/web/src/words/post";
import { Api } from "./harness/api";
import { somebody } from "./harness/cast";
import { Ime } from "./harness/ime";
import { look } from "./harness/look";
import type { Person } from "./harness/person";
import { setStage } from "./harness/stage";
import { askMenus, openMenus } from "./harness/panels";

// The server knows nobody to ask: menus come from its own table, and there is no weather.
const stage = setStage({ story: true });
const api = new Api(stage.server);
let mina: Person;
let juno: Person;

const sheet = (person: Person) => person.page.getByRole("dialog", { name: chef.title });
const recruits = (person: Person) => person.page.getByRole("link", { name: chef.recruit });
/** The names of the newest five. */
const dishes = async (person: Person) => (await recruits(person).allInnerTexts()).slice(-5).map((text) => text.split("\n")[0]!);
const title = (person: Person) => person.field(form.title).inputValue();

test("who cannot decide asks, and asks on in Hangul", async () => {
  mina = await stage.enter(await api.register(somebody("민아")), "phone");
  await mina.come();
  await openMenus(mina);
  await mina.sees(chef.introText);
  await mina.page.keyboard.press("Escape");
  await mina.misses(sheet(mina));
  await askMenus(mina);
  await mina.sees(chef.remaining(9));
  expect(await recruits(mina).count()).toBe(5);
  await mina.sees(chef.sources.pantry);
  const first = await dishes(mina);

  const keys = await Ime.of(mina.page);
  await mina.field(chef.ask).focus();
  await keys.compose("국무");
  await keys.compose("국물");
  await keys.enter(229);
  await keys.settle("국물");
  await mina.sees(chef.remaining(9));
  expect(await mina.field(chef.ask).inputValue()).toBe("국물");
  await mina.field(chef.ask).press("Enter");
  await mina.sees(chef.remaining(8));
  expect(await mina.field(chef.ask).inputValue()).toBe("");
  await mina.sees(sheet(mina).getByText("국물", { exact: true }));
  const second = await dishes(mina);
  expect(second.filter((dish) => first.includes(dish))).toEqual([]);
  await look(mina.page, "menus-real", "phone");
});

test("a menu becomes a post", async () => {
  const [dish] = await dishes(mina);
  await mina.press(recruits(mina).filter({ hasText: dish! }).first());
  await mina.at("/posts/new");
  await mina.seesHeading(form.write);
  await mina.misses(sheet(mina));
  await expect.poll(() => mina.page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
  await expect.poll(() => title(mina)).toBe(chef.post(dish!));
  expect(await mina.page.getByRole("radio", { checked: true }).count()).toBe(1);
  await mina.fill(form.content, "7시에 시켜요");
  await mina.pressButton(form.submit);
  await mina.seesHeading(chef.post(dish!));
});

test("what was said stays after a reload, until it is taken away", async () => {
  await mina.open("/board");
  await mina.page.reload();
  await openMenus(mina);
  await mina.sees(chef.remaining(8));
  await mina.pressButton(chef.forget);
  await mina.sees(chef.introText);
  expect(await recruits(mina).count()).toBe(0);
});

test("a post that was begun by hand makes way only if its writer wants that", async () => {
  juno = await stage.enter(await api.register(somebody("준오")), "desktop");
  await juno.come("/posts/new");
  await juno.fill(form.title, "떡볶이 3인분");
  await juno.fill(form.content, "쿨피스는 제가 살게요");
  await askMenus(juno);
  await juno.sees(chef.remaining(9));
  const [dish] = await dishes(juno);
  await juno.press(recruits(juno).first());
  const question = juno.page.getByRole("alertdialog", { name: form.takeTitle });
  await juno.press(juno.button("취소", question));
  await juno.misses(question);
  expect(await title(juno)).toBe("떡볶이 3인분");

  await juno.pressButton(form.menus);
  await juno.press(recruits(juno).first());
  await juno.confirm(form.takeTitle, form.take);
  expect(await title(juno)).toBe(chef.post(dish!));
  expect(await juno.field(form.content).inputValue()).toBe("쿨피스는 제가 살게요");
});

test("where there is no weather it is said, and not asked for", async () => {
  const asked: string[] = [];
  juno.page.on("request", (request) => {
    if (request.url().includes("/weather/")) asked.push(request.url());
  });
  await juno.open("/board");
  await juno.page.waitForLoadState("networkidle");
  await juno.sees(juno.button(weather.title));
  expect(asked).toEqual([]);
  await juno.pressButton(weather.title);
  await juno.sees(weather.none);
  expect(asked).toEqual([]);
  await look(juno.page, "weather-real-none", "desktop");
  await juno.pressButton(weather.menusAnyway);
  await juno.sees(sheet(juno));
  await juno.page.keyboard.press("Escape");
  await juno.misses(sheet(juno));
  expect(await juno.button(nav.menus).isVisible()).toBe(true);
});
