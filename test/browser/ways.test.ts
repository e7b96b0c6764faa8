import { expect, test } from "vitest";
import { account, landing } from "../../adapter/web/src/words/account";
import { common, nav, pages } from "../../adapter/web/src/words/ko";
import { board } from "../../adapter/web/src/words/party";
import { detail, form } from "../../adapter/web/src/words/post";
import { talk } from "../../adapter/web/src/words/talk";
import { Api, type Known } from "./harness/api";
import { somebody } from "./harness/cast";
import type { Person } from "./harness/person";
import { setStage } from "./harness/stage";
import { answered, noScreen } from "./harness/watch";

// How one gets around: by links, Back and Forward, reloads, and addresses from elsewhere.
const stage = setStage();
const api = new Api(stage.server);
let count = 0;

async function posted(): Promise<{ writer: Known; post: string; room: string; title: string }> {
  count += 1;
  const writer = await api.register(somebody(`글쓴이${count}`));
  const title = `같이 시켜요 ${count}`;
  const { id, chat_id } = await api.write(writer, { title });
  return { writer, title, post: `/posts/${id}`, room: `/rooms/${chat_id}` };
}

/** Each screen, and something that only it shows. */
const screens = (post: string, room: string, title: string): [path: string, shows: (person: Person) => Promise<void>][] => [
  ["/board", (p) => p.sees(p.link(title))],
  [`/board?category=${encodeURIComponent("피자")}`, (p) => p.sees(board.none("피자"))],
  ["/posts/new", (p) => p.sees(p.button(form.submit))],
  [post, (p) => p.sees(p.link(detail.enter))],
  [`${post}/edit`, (p) => p.sees(p.button(form.save))],
  [room, (p) => p.sees(p.composer)],
  ["/me", (p) => p.sees(p.button(account.signOut))],
  ["/me/password", (p) => p.sees(p.button(account.change))],
  ["/me/withdraw", (p) => p.sees(p.button(account.withdrawGo))],
];

test("every screen survives a reload", async () => {
  const { writer, post, room, title } = await posted();
  const person = await stage.enter(writer, "phone");
  await person.come("/board");
  for (const [path, shows] of screens(post, room, title)) {
    await person.open(path);
    await shows(person);
    await person.page.reload();
    await shows(person);
    expect(person.place).toBe(path);
  }
});

test("every screen leads a stranger to the sign-in, and then back to where they wanted", async () => {
  const { writer, post, room, title } = await posted();
  const person = await stage.enter(writer, "desktop");
  for (const [path, shows] of screens(post, room, title)) {
    await person.open(path);
    await person.at(`/signin?next=${encodeURIComponent(path)}`);
    await person.page.reload();
    await person.sees(account.signInNext);
    await person.signIn();
    await shows(person);
    expect(person.place).toBe(path);
    await person.page.evaluate(() => localStorage.clear());
  }
});

test("who is signed in does not see the way in, and who is not sees the first page", async () => {
  const { writer } = await posted();
  const person = await stage.enter(writer, "phone");
  for (const [path, words] of [["/", landing.text], ["/signin", account.signInText], ["/register", account.registerText]] as const) {
    await person.open(path);
    await person.sees(words);
    await person.page.reload();
    await person.sees(words);
  }
  await person.come();
  await person.page.goBack();
  await person.at("/board");
  for (const path of ["/", "/signin", "/register"]) {
    await person.open(path);
    await person.at("/board");
  }
  // Nobody is sent out of the app by an address.
  await person.open("/signin?next=//example.com/");
  await person.at("/board");
});

test("Back and Forward show what was there, in the place where one was", async () => {
  const { writer, title, post, room } = await posted();
  for (let n = 0; n < 12; n += 1) await api.write(writer, { title: `다른 글 ${n}`, category: "분식" });
  const person = await stage.enter(writer, "phone");
  await person.come("/board");
  const { page } = person;
  await person.press(person.link("분식", page.getByRole("navigation", { name: board.categories })));
  await person.at(`/board?category=${encodeURIComponent("분식")}`);
  await person.sees(person.link("다른 글 11"));
  await person.link("다른 글 2").scrollIntoViewIfNeeded();
  await person.sees(person.link("다른 글 0"));
  await page.goBack();
  await person.at("/board");
  await person.sees(person.link("다른 글 11"));
  await person.link("다른 글 2").scrollIntoViewIfNeeded();
  await person.sees(person.link(title));
  await person.link(title).scrollIntoViewIfNeeded();
  const place = await page.evaluate(() => scrollY);
  await person.pressLink(title);
  await person.seesHeading(title);
  expect(await page.evaluate(() => scrollY)).toBe(0);
  await person.pressLink(detail.enter);
  await person.at(room);
  await person.says("안녕하세요");
  await page.goBack();
  await person.at(post);
  await person.seesHeading(title);
  await page.goBack();
  await person.at("/board");
  await person.sees(person.link(title));
  await expect.poll(() => page.evaluate(() => Math.abs(scrollY))).toBe(place);
  await page.goForward();
  await person.seesHeading(title);
  await page.goForward();
  await person.hears("안녕하세요");
  // The arrow on the page does the same.
  await person.pressLink(common.back);
  await person.at(post);
  await person.pressLink(common.back);
  await person.at("/board");
});

test("the arrow leads up where there is nothing to go back to", async () => {
  const { writer, post, room, title } = await posted();
  const person = await stage.enter(writer, "desktop");
  await person.come("/board");
  for (const [from, to] of [[room, post], [`${post}/edit`, post], [post, "/board"], ["/posts/new", "/board"], ["/me/password", "/me"], ["/me/withdraw", "/me"]] as const) {
    const page = await person.context.newPage();
    await page.goto(from);
    await page.getByRole("link", { name: common.back, exact: true }).click();
    await page.waitForURL((url) => url.pathname === to);
    await page.close();
  }
  await person.sees(person.link(title));
});

test("what is not there is said not to be there", async () => {
  const { post } = await posted();
  const stranger = await stage.enter(await api.register(somebody(`지나가던이${count}`)), "phone");
  stranger.watch.forgive(...["/no/such/page", "/nowhere", "/me/nothing"].map(noScreen));
  await stranger.open("/no/such/page");
  await stranger.seesHeading(pages.lostTitle);
  await stranger.pressLink(pages.toLanding);
  await stranger.at("/");
  await stranger.come();
  for (const path of ["/nowhere", "/posts/abc", "/posts/0", "/rooms/x", "/me/nothing"]) {
    await stranger.open(path);
    await stranger.seesHeading(pages.lostTitle);
  }
  await stranger.pressLink(pages.toBoard);
  await stranger.at("/board");

  stranger.watch.forgive(answered(404), answered(403));
  await stranger.open("/posts/999999");
  await stranger.sees(detail.gone);
  await stranger.open("/posts/999999/edit");
  await stranger.sees(detail.gone);
  await stranger.open("/rooms/999999");
  await stranger.sees(talk.gone.missing.title);
  // Somebody else's.
  await stranger.open(`${post}/edit`);
  await stranger.sees(form.notMine);
  expect(await stranger.page.getByRole("textbox").count()).toBe(0);
  await stranger.pressLink(form.toPost);
  await stranger.at(post);
  await stranger.sees(stranger.button(detail.join));
  expect(await stranger.button(detail.menu).count()).toBe(0);
  // A page beyond the last is the last.
  await stranger.open("/board?page=99");
  await stranger.sees(stranger.page.getByRole("list").first());
  await stranger.open("/board?category=none&page=-1&state=x");
  await stranger.sees(stranger.page.getByRole("list").first());
});

test("a missing file is no page, and an old address of the API neither", async () => {
  const { url } = stage.server;
  for (const path of ["/assets/no-such-file.js", "/no-such-picture.png", "/api/no/such/"]) {
    expect((await fetch(url + path)).status, path).toBe(404);
  }
});

test("without a network the app opens from the device and says so", async () => {
  const { writer } = await posted();
  const person = await stage.enter(writer, "phone", { settles: true });
  await person.come("/board");
  await person.page.waitForFunction(async () => (await navigator.serviceWorker.ready).active?.state === "activated");
  await person.page.reload();
  await person.sees(nav.board);
  person.watch.forgive(/net::ERR_(INTERNET_DISCONNECTED|FAILED)/);
  await person.context.setOffline(true);
  await person.page.reload();
  await person.sees("인터넷 연결이 끊겼어요.");
  await person.context.setOffline(false);
  await person.misses("인터넷 연결이 끊겼어요.");
  await person.sees(person.page.getByRole("list").first());
});
