import { expect, test } from "vitest";
import { common, nav, seats } from "../../adapter/web/src/words/ko";
import { board, party } from "../../adapter/web/src/words/party";
import { detail, form } from "../../adapter/web/src/words/post";
import { talk } from "../../adapter/web/src/words/talk";
import { somebody } from "./harness/cast";
import { Ime } from "./harness/ime";
import type { Device, Person } from "./harness/person";
import { setStage } from "./harness/stage";
import { answered } from "./harness/watch";

// One evening of four neighbours: each test goes on where the one before it ended.
const stage = setStage({ story: true });
let mina: Person;
let juno: Person;
let sora: Person;
let bora: Person;
let post = "";
let room = "";
const title = "불닭이랑 주먹밥 같이 시켜요";

async function arrive(name: string, device: Device): Promise<Person> {
  const person = await stage.enter(somebody(name), device);
  await person.signUp();
  return person;
}

const card = (person: Person, name = title) => person.page.getByRole("listitem").filter({ has: person.page.getByRole("link", { name, exact: true }) });
const seated = (person: Person, taken: number, of: number) => person.page.getByRole("img", { name: seats.label(taken, of) });
const menu = async (person: Person, item: string) => {
  await person.pressButton(detail.menu);
  await person.press(person.page.getByRole("menuitem", { name: item, exact: true }));
};

test("the first neighbour finds an empty board, and writes", async () => {
  mina = await arrive("민아", "phone");
  await mina.sees(board.fresh("역삼동"));
  await mina.pressLink(board.first);
  await mina.seesHeading(form.write);

  await mina.pressButton(form.submit);
  await mina.sees(form.wrong.category);
  await mina.reads(form.title, form.wrong.noTitle);
  await mina.reads(form.content, form.wrong.noContent);
  await mina.press(mina.page.getByRole("radio", { name: "치킨" }));
  await mina.misses(form.wrong.category);
  await mina.fill(form.title, "가".repeat(51));
  await mina.reads(form.title, form.wrong.longTitle(50));
  await mina.fill(form.title, title);
  await mina.misses(form.wrong.longTitle(50));
  await mina.fill(form.content, "7시에 시켜요.\n받을 곳은 역삼역 3번 출구예요. https://example.com/menu");
  const counter = mina.page.getByRole("spinbutton", { name: form.seats });
  expect(await counter.getAttribute("aria-valuenow")).toBe("4");
  for (let n = 0; n < 2; n += 1) await mina.pressButton(form.fewer);
  expect(await counter.getAttribute("aria-valuenow")).toBe("2");
  expect(await mina.button(form.fewer).getAttribute("aria-disabled")).toBe("true");
  await mina.pressButton(form.more);
  expect(await counter.getAttribute("aria-valuenow")).toBe("3");

  await mina.page.reload();
  await mina.sees(form.restored);
  expect(await mina.field(form.title).inputValue()).toBe(title);
  expect(await mina.field(form.content).inputValue()).toContain("역삼역");
  expect(await mina.page.getByRole("radio", { name: "치킨" }).isChecked()).toBe(true);
  expect(await counter.getAttribute("aria-valuenow")).toBe("3");

  await mina.pressButton(form.submit);
  await mina.sees(form.written);
  await mina.seesHeading(title);
  await mina.at(/^\/posts\/\d+$/);
  post = mina.place;
  await mina.sees(seated(mina, 1, 3));
  // The form is not what lies behind, and it is empty again.
  await mina.pressLink(common.back);
  await mina.at("/board");
  await mina.sees(card(mina).getByText(party.mine));
  await mina.pressLink(nav.write);
  expect(await mina.field(form.title).inputValue()).toBe("");
});

test("the second finds it by what it is, and takes a seat", async () => {
  juno = await arrive("준오", "desktop");
  await juno.sees(card(juno).getByText(party.open));
  const kinds = juno.page.getByRole("navigation", { name: board.categories });
  await juno.press(juno.link("피자", kinds));
  await juno.sees(board.none("피자"));
  await juno.press(juno.link("치킨", kinds));
  await juno.sees(card(juno));
  expect(juno.place).toBe(`/board?category=${encodeURIComponent("치킨")}`);
  await juno.press(juno.link(board.stateNames.complete, juno.page.getByRole("navigation", { name: board.states })));
  await juno.misses(card(juno));
  await juno.press(juno.link(board.stateNames.recruiting, juno.page.getByRole("navigation", { name: board.states })));
  await juno.pressLink(title);
  await juno.seesHeading(title);
  await juno.sees(seated(juno, 1, 3));
  expect(await juno.link("https://example.com/menu").getAttribute("rel")).toContain("noopener");
  await juno.pressButton(detail.join);
  await juno.at(/^\/rooms\/\d+$/);
  room = juno.place;
  await juno.sees(juno.page.getByRole("log").getByText("준오 님이 들어왔어요."));
  await juno.page.goBack();
  await juno.sees(juno.link(detail.enter));
  await juno.sees(seated(juno, 2, 3));
});

test("they talk", async () => {
  await mina.open(post);
  await mina.pressLink(detail.enter);
  await mina.at(room);
  await juno.pressLink(detail.enter);
  await juno.at(room);
  await mina.says("안녕하세요!");
  await juno.hears("안녕하세요!");
  await juno.says("반가워요");
  await mina.hears("반가워요");

  // On a keyboard Shift+Enter begins a line; on a phone Enter does, and a button sends.
  await juno.composer.fill("순살로 할까요?");
  await juno.composer.press("Shift+Enter");
  await juno.page.keyboard.type("아니면 반반?");
  expect(await juno.composer.inputValue()).toBe("순살로 할까요?\n아니면 반반?");
  await juno.composer.press("Enter");
  await mina.sees(mina.page.getByRole("log").getByText(/순살로 할까요\?\s아니면 반반\?/));
  await mina.composer.fill("반반");
  await mina.composer.press("Enter");
  await mina.page.keyboard.type("좋아요");
  expect(await mina.composer.inputValue()).toBe("반반\n좋아요");
  await mina.pressButton(talk.send);
  await juno.sees(juno.page.getByRole("log").getByText(/반반\s좋아요/));
  expect(await mina.composer.inputValue()).toBe("");
  expect(await mina.talk()).toEqual(["안녕하세요!", "반가워요", "순살로 할까요?\n아니면 반반?", "반반\n좋아요"]);
  expect(await juno.talk()).toEqual(await mina.talk());
});

test("a word that is still being composed is sent whole", async () => {
  const keyboard = await Ime.of(juno.page);
  await juno.composer.focus();
  for (const syllable of ["ㅊ", "치", "칰", "치킨"]) await keyboard.compose(syllable);
  await keyboard.enter(229);
  await keyboard.settle("치킨");
  await mina.hears("치킨");
  expect(await juno.composer.inputValue()).toBe("");
  await juno.says("!");
  await mina.hears("!");

  await keyboard.compose("네");
  await juno.pressButton(talk.send);
  await mina.hears("네");
  expect(await juno.composer.inputValue()).toBe("");
  expect((await mina.talk()).slice(-3)).toEqual(["치킨", "!", "네"]);
  expect((await juno.talk()).slice(-3)).toEqual(["치킨", "!", "네"]);
});

test("what was not sent survives a reload, and so does the talk", async () => {
  const before = await juno.talk();
  await juno.composer.fill("쓰다 만 말");
  await juno.page.reload();
  await juno.hears("네");
  expect(await juno.composer.inputValue()).toBe("쓰다 만 말");
  expect(await juno.talk()).toEqual(before);
  await juno.composer.fill("");
});

test("a third one takes the last seat, and the party is complete", async () => {
  sora = await arrive("소라", "desktop");
  await sora.pressLink(title);
  await sora.pressButton(detail.join);
  await sora.at(room);
  for (const person of [mina, juno]) {
    await person.sees(person.page.getByRole("log").getByText("소라 님이 들어왔어요."));
    await person.sees(seats.label(3, 3));
  }
  await mina.pressButton(talk.members(3));
  const sheet = mina.page.getByRole("dialog", { name: talk.membersTitle });
  await sheet.getByText("소라").waitFor();
  expect(await sheet.getByRole("listitem").allInnerTexts()).toEqual([expect.stringContaining("민아"), expect.stringContaining("준오"), expect.stringContaining("소라")]);
  await sheet.getByRole("listitem").first().getByText(talk.writer).waitFor();
  await mina.press(mina.button(common.close, sheet));
  await sheet.waitFor({ state: "detached" });

  bora = await arrive("보라", "phone");
  await bora.press(bora.link(board.stateNames.complete, bora.page.getByRole("navigation", { name: board.states })));
  await bora.sees(card(bora).getByText(party.done));
  await bora.pressLink(title);
  await bora.sees(detail.ended);
  expect(await bora.button(detail.join).count()).toBe(0);
});

test("who is sent out reads why, and cannot come back", async () => {
  await mina.pressButton(talk.members(3));
  await mina.pressButton(talk.kickName("소라"));
  await mina.confirm(talk.kickTitle("소라"), talk.kick);
  await sora.sees(talk.gone.dismissed.title);
  expect(await sora.composer.count()).toBe(0);
  await juno.sees(juno.page.getByRole("log").getByText("소라 님을 내보냈어요."));
  await juno.sees(seats.label(2, 3));
  await sora.pressLink(talk.toPost);
  await sora.at(post);
  sora.watch.forgive(answered(403), /^error: WebSocket connection/);
  await sora.sees(detail.banned);
  expect(await sora.button(detail.join).count()).toBe(0);
  await sora.open(room);
  await sora.sees(talk.gone.dismissed.title);
  await sora.pressLink(talk.toPost);
  await sora.at(post);
});

test("the writer closes, reopens and edits", async () => {
  await mina.pressLink(title);
  await mina.at(post);
  await menu(mina, detail.close);
  await mina.sees(detail.closedNow);
  await bora.page.reload();
  await bora.sees(detail.ended);
  await menu(mina, detail.reopen);
  await mina.sees(detail.openNow);
  await bora.page.reload();
  await bora.sees(bora.button(detail.join));

  await menu(mina, detail.edit);
  await mina.seesHeading(form.edit);
  expect(await mina.field(form.title).inputValue()).toBe(title);
  await mina.fill(form.title, " ");
  await mina.pressButton(form.save);
  await mina.reads(form.title, form.wrong.noTitle);
  await mina.pressButton(form.fewer);
  // Two are in already.
  expect(await mina.button(form.fewer).getAttribute("aria-disabled")).toBe("true");
  // An unsaved change is held on to.
  await mina.fill(form.title, "불닭 같이 시켜요");
  await mina.pressLink(common.back);
  await mina.press(mina.button(common.cancel, mina.page.getByRole("alertdialog", { name: form.leaveTitle })));
  await mina.page.getByRole("alertdialog").waitFor({ state: "detached" });
  await mina.pressButton(form.more);
  await mina.pressButton(form.more);
  await mina.pressButton(form.save);
  await mina.sees(form.saved);
  await mina.at(post);
  await mina.seesHeading("불닭 같이 시켜요");
  await mina.sees(seated(mina, 2, 4));
});

test("a member leaves, and the seat is free again", async () => {
  await bora.page.reload();
  await bora.pressButton(detail.join);
  await bora.at(room);
  await juno.sees(juno.page.getByRole("log").getByText("보라 님이 들어왔어요."));
  await bora.pressButton(talk.members(3));
  await bora.pressButton(talk.leave);
  await bora.press(bora.button(talk.leaveDo, bora.page.getByRole("alertdialog", { name: talk.leaveTitle })));
  await bora.at(post);
  await bora.sees(talk.left);
  await bora.sees(seated(bora, 2, 4));
  await juno.sees(juno.page.getByRole("log").getByText("보라 님이 나갔어요."));
  // Who left of their own may come back.
  await bora.pressButton(detail.join);
  await bora.at(room);
  await juno.sees(/명 중 3명 참여/);
});

test("a room that is deleted says so to all who are in it", async () => {
  await mina.pressLink(detail.enter);
  await mina.pressButton(talk.members(3));
  await mina.pressButton(talk.delete);
  mina.watch.forgive(answered(410)); // the list of members is asked for once more
  await mina.press(mina.button(talk.deleteDo, mina.page.getByRole("alertdialog", { name: talk.deleteTitle })));
  await mina.at(post);
  await mina.sees(talk.deleted);
  for (const person of [juno, bora]) {
    await person.sees(talk.gone.deleted.title);
    expect(await person.composer.count()).toBe(0);
  }
  juno.watch.forgive(answered(410));
  await juno.page.reload();
  await juno.sees(talk.gone.deleted.title);
  await juno.pressLink(talk.toPost);
  await juno.at(post);
  await juno.sees(party.done);
});

test("a post that is deleted takes its room along", async () => {
  const next = "마라탕 같이 시켜요";
  await juno.open("/posts/new");
  await juno.pressButton(form.submit);
  await juno.canSee(juno.page.getByText(form.category));
  await juno.canSee(juno.page.getByText(form.wrong.category));
  await juno.press(juno.page.getByRole("radio", { name: "중식" }));
  await juno.fill(form.title, next);
  await juno.fill(form.content, "2단계로 할게요.");
  await juno.pressButton(form.submit);
  await juno.seesHeading(next);
  const other = juno.place;
  await bora.pressLink(talk.toBoard);
  await bora.at("/board");
  await bora.pressLink(next);
  await bora.pressButton(detail.join);
  await bora.at(/^\/rooms\/\d+$/);
  await bora.says("저요!");
  await sora.open(other);
  await sora.seesHeading(next);

  await juno.page.reload();
  await juno.sees(seated(juno, 2, 4));
  await menu(juno, detail.remove);
  await juno.sees(detail.removeMembers(1));
  await juno.press(juno.button(detail.removeConfirm, juno.page.getByRole("alertdialog", { name: detail.removeTitle })));
  await juno.at("/board");
  await juno.sees(detail.removed);
  await juno.misses(juno.link(next));
  await bora.sees(talk.gone.deleted.title);
  await bora.pressLink(talk.toBoard);
  await bora.at("/board");
  await bora.misses(bora.link(next));
  sora.watch.forgive(answered(404), answered(409), answered(410));
  await sora.pressButton(detail.join);
  await sora.sees(detail.gone);
});
