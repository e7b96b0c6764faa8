import { expect, test } from "vitest";
import { chef, weather } from "../../adapter/web/src/words/menu";
import { nav } from "../../adapter/web/src/words/ko";
import { detail, form } from "../../adapter/web/src/words/post";
import { talk } from "../../adapter/web/src/words/talk";
import { Api } from "./harness/api";
import { somebody } from "./harness/cast";
import { stubMenus, stubWeather } from "./harness/panels";
import type { Person } from "./harness/person";
import { setStage } from "./harness/stage";

// Back closes what lies over a page, and leaves nothing behind.
const stage = setStage();
const api = new Api(stage.server);

const dialog = (person: Person, name: string) => person.page.getByRole("dialog", { name });

async function posted(name: string) {
  const writer = await api.register(somebody(name));
  const { id, chat_id, title } = await api.write(writer);
  const person = await stage.enter(writer, "phone");
  await stubWeather(person.context, person.watch);
  await stubMenus(person);
  return { writer, person, title, post: `/posts/${id}`, room: `/rooms/${chat_id}` };
}

test("a sheet, a menu and a question each close by Back", async () => {
  const { person, post, room } = await posted("뒤로");
  const { page } = person;
  await person.come(room);
  await person.press(page.getByRole("button", { name: talk.members(1) }));
  await person.sees(dialog(person, talk.membersTitle));
  await person.pressButton(talk.delete);
  const question = page.getByRole("alertdialog", { name: talk.deleteTitle });
  await person.sees(question);
  await person.misses(dialog(person, talk.membersTitle));
  await page.goBack();
  await person.misses(question);
  await person.at(room);

  await person.open(post);
  await person.pressButton(detail.menu);
  await person.sees(page.getByRole("menu"));
  await page.goBack();
  await person.misses(page.getByRole("menu"));
  await person.at(post);
});

test("the weather leads to the menus, and Back to the board", async () => {
  const { person } = await posted("날씨");
  const { page } = person;
  await person.come("/me");
  await person.press(person.link(nav.board).last());
  await person.at("/board");
  await person.press(page.getByRole("button", { name: new RegExp(weather.title) }));
  await person.sees(dialog(person, weather.title));
  await person.pressButton(weather.menus);
  await person.sees(dialog(person, chef.title));
  await page.goBack();
  await person.misses(dialog(person, chef.title));
  await person.at("/board");
  await page.goBack();
  await person.at("/me");
});

test("a menu that is chosen is one step from the board", async () => {
  const { person } = await posted("메뉴");
  const { page } = person;
  await person.come("/board");
  await person.pressButton(nav.menus);
  await person.pressButton(chef.start);
  await person.press(dialog(person, chef.title).getByRole("link", { name: new RegExp(chef.recruit) }).first());
  await person.at(/^\/posts\/new/);
  await person.seesHeading(form.write);
  await person.misses(dialog(person, chef.title));
  await page.goBack();
  await person.at("/board");
  await person.misses(dialog(person, chef.title));
});

test("a post that was deleted is not behind the board", async () => {
  const { person, post } = await posted("지움");
  const { page } = person;
  await person.come("/me");
  await person.press(person.link(nav.board).last());
  await person.at("/board");
  await person.press(page.getByRole("heading", { level: 3 }).getByRole("link").first());
  await person.at(post);
  await person.pressButton(detail.menu);
  await person.press(page.getByRole("menuitem", { name: detail.remove }));
  await person.pressButton(detail.removeConfirm);
  await person.at("/board");
  await page.goBack();
  await person.at("/board"); // where the post was opened from
  await page.goBack();
  await person.at("/me");
});

test("a reload closes it, and leaves no step behind", async () => {
  const { person, room, post } = await posted("새로고침");
  const { page } = person;
  await person.come(post);
  await person.pressLink(detail.enter);
  await person.at(room);
  await person.press(page.getByRole("button", { name: talk.members(1) }));
  await person.sees(dialog(person, talk.membersTitle));
  await page.reload();
  await person.sees(person.composer);
  await person.misses(dialog(person, talk.membersTitle));
  await page.goBack();
  await person.at(post);
});

test("Back from a half-edited post asks, and Back again stays", async () => {
  const { person, post } = await posted("고침");
  const { page } = person;
  const question = page.getByRole("alertdialog", { name: form.leaveTitle });
  await person.come(post);
  await person.pressButton(detail.menu);
  await person.press(page.getByRole("menuitem", { name: detail.edit }));
  await person.at(`${post}/edit`);
  await person.fill(form.title, "반쯤 고친 제목");
  await page.goBack();
  await person.sees(question);
  await page.goBack();
  await person.misses(question);
  await person.at(`${post}/edit`);
  expect(await person.field(form.title).inputValue()).toBe("반쯤 고친 제목");
  await page.goBack();
  await person.sees(question);
  await person.pressButton(form.leave);
  await person.at(post);
});
