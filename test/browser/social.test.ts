import { expect, test } from "vitest";
import { account } from "../../adapter/web/src/words/account";
import { Api } from "./harness/api";
import { somebody, yeoksam } from "./harness/cast";
import { look } from "./harness/look";
import type { Person } from "./harness/person";
import { setStage } from "./harness/stage";
import { answered } from "./harness/watch";

// Others say who somebody is; they are stood in for.
const stage = setStage({ outside: true });
const api = new Api(stage.server);
const { social: words } = account;

/** Goes to a provider, and is somebody there. */
async function as(person: Person, button: string, nickname: string) {
  // Theirs has no picture.
  person.watch.forgive(/404 .*\/favicon\.ico/);
  await person.pressButton(button);
  await person.page.waitForURL((url) => url.pathname === "/authorize");
  await person.press(person.page.getByRole("button", { name: nickname }));
}

test("a first login asks for the neighbourhood, and leads to where one wanted; the next asks nothing", { timeout: 120_000 }, async () => {
  const { chat_id } = await api.write(await api.register(somebody("글쓴이")));
  const bada = await stage.enter(somebody("바다"), "phone");
  await bada.open(`/signin?next=${encodeURIComponent(`/posts/${chat_id}`)}`);
  await bada.sees(bada.button(words.with("카카오")));
  await look(bada.page, "signin-social", "phone", { whole: true });
  await as(bada, words.with("카카오"), "바다");
  await bada.at(/^\/social\?/);
  await bada.sees(words.known("카카오"));
  await look(bada.page, "first-login", "phone", { whole: true });
  bada.watch.forgive(answered(400));
  await bada.fill(account.email, "bada@example.com");
  await bada.fill(account.username, "글쓴이");
  await bada.fill(account.address, yeoksam);
  await bada.pressButton(account.register);
  await bada.sees(bada.field(account.username).and(bada.page.locator('[aria-invalid="true"]')));
  await bada.fill(account.username, "바다");
  await bada.pressButton(account.register);
  await bada.at(`/posts/${chat_id}`);
  await bada.sees(account.welcome("바다"));

  await bada.open("/me");
  await bada.pressButton(account.signOut);
  await bada.at("/");
  await bada.open("/signin?next=%2Fme");
  await as(bada, words.with("카카오"), "바다");
  await bada.at("/me");
  await bada.sees("bada@example.com");
  expect(await bada.page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toMatch(/eyJ|@/);

  // There is no password yet, so this is the last way in.
  await bada.pressLink(words.waysTitle);
  bada.watch.forgive(answered(409));
  await bada.pressButton(words.cutName("카카오"));
  const question = bada.page.getByRole("alertdialog");
  await bada.press(bada.button(words.cut, question));
  await bada.sees(question.getByRole("alert"));
  await bada.pressButton("취소");
  await bada.pressLink(words.makePassword);
  await bada.fill(account.newPassword, "bada-bap-meokja");
  await bada.pressButton(words.make);
  await bada.sees(words.madePassword);
  await bada.open("/me/ways");
  await bada.pressButton(words.cutName("카카오"));
  await bada.confirm(words.cutTitle("카카오"), words.cut);
  await bada.sees(bada.button(words.linkName("카카오")));
});

test("another way in is linked and cut in the profile, and belongs to one account", { timeout: 120_000 }, async () => {
  const own = await stage.enter(await api.register(somebody("하늘")), "desktop");
  await own.come("/me/ways");
  await own.sees(own.button(words.linkName("Google")));
  await look(own.page, "ways", "desktop");
  await as(own, words.linkName("네이버"), "하늘");
  await own.at("/me/ways");
  await own.sees(words.linkedNow("네이버"));
  await own.sees(own.button(words.cutName("네이버")));

  const other = await stage.enter(await api.register(somebody("두리")), "phone");
  await other.come("/me/ways");
  await as(other, words.linkName("네이버"), "하늘");
  await other.at(/^\/social\?.*error=identity_taken/);
  await other.seesHeading(words.errors.identity_taken.title);
  await look(other.page, "social-taken", "phone");
  await other.pressLink(words.goOn);
  await other.at("/me/ways");

  await own.open("/me");
  await own.pressButton(account.signOut);
  await own.at("/");
  await own.open("/signin");
  await as(own, words.with("네이버"), "하늘");
  await own.at("/board");
  await own.open("/me/ways");
  await own.pressButton(words.cutName("네이버"));
  await own.confirm(words.cutTitle("네이버"), words.cut);
  await own.sees(own.button(words.linkName("네이버")));
});

test("who thinks better of it is where one signs in, with the way on", async () => {
  const person = await stage.enter(somebody("미루"), "phone");
  await person.open("/signin?next=%2Fme");
  await as(person, words.with("Google"), "취소");
  await person.at(/^\/social\?.*error=social_cancelled/);
  await person.seesHeading(words.errors.social_cancelled.title);
  await person.pressLink(words.toSignIn);
  await person.at("/signin?next=%2Fme");
});

test.each(["phone", "desktop"] as const)("signs up through a provider first, by e-mail behind a link, and Back closes the form (%s)", { timeout: 120_000 }, async (device) => {
  const { chat_id } = await api.write(await api.register(somebody(`글쓴이${device}`)));
  const next = `next=${encodeURIComponent(`/posts/${chat_id}`)}`;
  const dori = await stage.enter(somebody(`도리${device}`), device);
  await dori.open(`/register?${next}`);
  await dori.seesHeading(account.registerTitle);
  await dori.sees(dori.button(words.with("카카오")));
  expect(await dori.page.getByRole("region", { name: words.title }).getByRole("button").allInnerTexts()).toEqual(["카카오", "네이버", "Google", "OpenID"].map(words.with));
  expect(await dori.field(account.email).count()).toBe(0);
  await look(dori.page, "register-social", device, { whole: true });

  await dori.pressLink(account.byEmail);
  await dori.at(`/register/email?${next}`);
  await dori.seesHeading(account.byEmail);
  await dori.fill(account.email, dori.who.email);
  await look(dori.page, "register-email", device, { whole: true });
  await dori.page.goBack();
  await dori.at(`/register?${next}`);
  await dori.sees(dori.button(words.with("카카오")));
  await dori.page.goForward();
  expect(await dori.field(account.email).inputValue()).toBe(dori.who.email);
  await dori.pressLink(account.otherWays);
  await dori.at(`/register?${next}`);
  await dori.pressLink(account.byEmail);

  await dori.fill(account.username, dori.name);
  await dori.fill(account.password, dori.who.password);
  await dori.fill(account.address, yeoksam);
  await dori.pressButton(account.register);
  await dori.at(`/posts/${chat_id}`);
  await dori.sees(account.welcome(dori.name));
});

test("in KakaoTalk it is said that Google does not work there", async () => {
  const person = await stage.enter(somebody("톡이"), "phone", { userAgent: "Mozilla/5.0 (Linux; Android 15; wv) Chrome/140.0 Mobile KAKAOTALK 25.1" });
  await person.open("/register");
  await person.sees(words.noGoogle.kakaotalk);
  await person.sees(person.button(words.with("카카오")));
  await look(person.page, "register-kakaotalk", "phone", { whole: true });
});
