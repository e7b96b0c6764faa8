import { expect, test } from "vitest";
import { account } from "../../adapter/web/src/words/account";
import { common, seats } from "../../adapter/web/src/words/ko";
import { detail, form } from "../../adapter/web/src/words/post";
import { talk } from "../../adapter/web/src/words/talk";
import { Api } from "./harness/api";
import { somebody } from "./harness/cast";
import { look } from "./harness/look";
import type { Device, Person } from "./harness/person";
import { setStage } from "./harness/stage";

// A room follows its post from one writer to the next: each test goes on where the one before it ended.
const stage = setStage({ story: true });
const api = new Api(stage.server);
let minji: Person;
let doyun: Person;
let haneul: Person;
let post = "";
let room = "";
const before = "김밥 같이 시켜요";
const after = "떡볶이랑 김밥 같이 시켜요";

/** Somebody who takes a seat, and stays in the room. */
async function join(name: string, device: Device): Promise<Person> {
  const guest = await stage.enter(await api.register(somebody(name)), device);
  await guest.come(post);
  await guest.pressButton(detail.join);
  await guest.at(/^\/rooms\/\d+$/);
  await guest.sees(notice(guest, `${name} 님이 들어왔어요.`));
  await mark(guest);
  return guest;
}

const notice = (person: Person, text: string) => person.page.getByRole("log").getByText(text, { exact: true });
const heading = (person: Person, title: string) => person.page.getByRole("heading", { level: 1 }).filter({ hasText: title });
const menu = async (person: Person, item: string) => {
  await person.pressButton(detail.menu);
  await person.press(person.page.getByRole("menuitem", { name: item, exact: true }));
};

/** Marks a page, to notice if it is loaded anew. */
const mark = (person: Person) => person.page.evaluate(() => Object.assign(window, { marked: true }));
const marked = (person: Person) => person.page.evaluate(() => "marked" in window);

test("three come together", async () => {
  const writer = await api.register(somebody("민지"));
  const { id } = await api.write(writer, { title: before, category: "분식" });
  post = `/posts/${id}`;
  room = `/rooms/${id}`;
  minji = await stage.enter(writer, "desktop");
  await minji.come(post);
  doyun = await join("도윤", "phone");
  haneul = await join("하늘", "desktop");
  await doyun.sees(seats.label(3, 4));
});

test("the room hears what becomes of the post", async () => {
  await menu(minji, detail.edit);
  await minji.fill(form.title, after);
  await minji.pressButton(form.more);
  await minji.pressButton(form.save);
  await minji.sees(form.saved);
  for (const guest of [doyun, haneul]) {
    await guest.sees(notice(guest, talk.post.edited));
    await guest.sees(notice(guest, talk.post.resized(5)));
    await guest.sees(heading(guest, after));
    await guest.sees(seats.label(3, 5));
  }
  await menu(minji, detail.close);
  await minji.sees(detail.closedNow);
  await doyun.sees(notice(doyun, talk.post.closed));

  // The post behind the room knows it too.
  await doyun.pressLink(after);
  await doyun.at(post);
  await doyun.seesHeading(after);
  await doyun.sees(detail.closed);
  await doyun.pressLink(detail.enter);
  await doyun.at(room);
  expect(await marked(doyun)).toBe(true);
});

test("the next one leads on where the writer withdraws", async () => {
  await minji.open("/me");
  await minji.pressLink(account.withdraw);
  await minji.fill(account.withdrawPassword, minji.who.password);
  await minji.pressButton(account.withdrawGo);
  await minji.press(minji.button(account.withdrawGo, minji.page.getByRole("alertdialog", { name: account.withdrawSure })));
  await minji.at("/");

  await doyun.sees(notice(doyun, "탈퇴한 사용자 님이 나갔어요."));
  await doyun.sees(notice(doyun, talk.post.mine));
  await haneul.sees(notice(haneul, "도윤 님이 글을 이어받았어요."));
  for (const guest of [doyun, haneul]) await guest.sees(seats.label(2, 5));

  await doyun.pressButton(talk.members(2));
  const sheet = doyun.page.getByRole("dialog", { name: talk.membersTitle });
  await sheet.getByRole("listitem").filter({ hasText: "도윤" }).getByText(talk.writer).waitFor();
  await doyun.sees(doyun.button(talk.delete, sheet));
  await doyun.sees(doyun.button(talk.kickName("하늘"), sheet));
  await doyun.press(doyun.button(common.close, sheet));
  await sheet.waitFor({ state: "detached" });

  await doyun.pressLink(after);
  await doyun.at(post);
  await menu(doyun, detail.reopen);
  await doyun.sees(detail.openNow);
  await haneul.sees(notice(haneul, talk.post.reopened));
  expect(await marked(doyun)).toBe(true);
  expect(await marked(haneul)).toBe(true);
});

test("its notices can be read", async () => {
  await doyun.pressLink(detail.enter);
  await doyun.sees(notice(doyun, talk.post.reopened));
  await look(doyun.page, "room-notices", "phone");
});

test("its notices can be read on a wide screen", async () => {
  await look(haneul.page, "room-notices", "desktop");
});
