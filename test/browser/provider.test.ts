import { afterAll, beforeAll, expect, test } from "vitest";
import { account } from "../../adapter/web/src/words/account";
import { Api } from "./harness/api";
import { somebody, yeoksam } from "./harness/cast";
import { look } from "./harness/look";
import { Person } from "./harness/person";
import { Provider } from "./harness/provider";
import { setStage } from "./harness/stage";
import { answered } from "./harness/watch";

// Signing in through a provider that others wrote. It has to know where it leads back to,
// and the server has to know where it is: so the server starts a second time.
const stage = setStage();
const api = new Api(stage.server);
const { social: words } = account;
const name = "동네 계정";
let provider: Provider;

beforeAll(async () => {
  provider = await Provider.start(`${stage.server.url}/api/user/social/callback/oidc/`);
  Object.assign(stage.server.settings, provider.settings(name));
  await stage.server.kill();
  await stage.server.start();
});
afterAll(() => provider.stop());

/** Fills in what a first sign-in asks for. */
async function register(person: Person, username: string) {
  await person.fill(account.username, username);
  await person.fill(account.address, yeoksam);
  await person.pressButton(account.register);
}

test("two people who come for the first time, in two tabs of one browser, are not mixed up", { timeout: 120_000 }, async () => {
  const five = await stage.enter(somebody("다섯"), "desktop");
  const net = new Person(somebody("그물"), "desktop", five.context, await five.context.newPage(), five.watch);
  for (const [person, who] of [
    [five, "five"],
    [net, "net"],
  ] as const) {
    await person.open("/signin?next=%2Fme");
    await provider.signIn(person, words.with(name), who);
    await person.at(/^\/social\?.*pending=oidc/);
    await person.sees(words.known(name));
  }
  await look(five.page, "first-login-provider", "desktop", { whole: true });
  await register(five, "다섯");
  await five.at("/me");
  await five.sees("five@example.com");
  // A browser is signed in as one person: the other tab follows.
  await net.at("/me");
  await net.sees("five@example.com");

  const again = await stage.enter(somebody("다섯"), "phone");
  await again.open("/signin?next=%2Fme");
  await provider.signIn(again, words.with(name), "five");
  await again.at("/me");
  await again.sees("five@example.com");
  const other = await stage.enter(somebody("그물"), "phone");
  await other.open("/signin?next=%2Fme");
  await provider.signIn(other, words.with(name), "net");
  await other.at(/^\/social\?.*pending=oidc/); // and not five
  await other.sees(words.knownEmail("net@example.com"));
});

test("two tabs at the provider come back each by its own answer, and not by a stray link", { timeout: 120_000 }, async () => {
  const one = await stage.enter(somebody("하나"), "desktop");
  const two = new Person(somebody("둘"), "desktop", one.context, await one.context.newPage(), one.watch);
  one.watch.forgive(/404 .*\/favicon\.ico/);
  for (const person of [one, two]) {
    await person.open(`/signin?next=${encodeURIComponent(person === one ? "/me" : "/rooms")}`);
    await person.pressButton(words.with(name));
    await person.page.waitForURL((url) => url.pathname === "/login/username");
  }
  const stray = new Person(somebody("셋"), "desktop", one.context, await one.context.newPage(), one.watch);
  await stray.open("/api/user/social/callback/oidc/?code=x&state=y");
  await stray.at(/^\/social\?.*error=social_failed/);
  for (const [person, next] of [
    [two, "/rooms"],
    [one, "/me"],
  ] as const) {
    await person.page.locator("[name=username]").fill("five");
    await person.page.locator("[name=password]").fill("verysecure");
    await person.press(person.page.getByRole("button", { name: "Login" }));
    await person.at(next);
  }
});

test("an e-mail address that is taken leads to linking, and the account is theirs both ways", { timeout: 120_000 }, async () => {
  await api.register(somebody("net"));
  const net = await stage.enter(somebody("net"), "phone");
  net.watch.forgive(answered(400));
  await net.open("/signin");
  await look(net.page, "signin-provider", "phone", { whole: true });
  await provider.signIn(net, words.with(name), "net");
  await net.sees(words.known(name));
  await register(net, "그물");
  await net.sees(words.linkHow(name));
  await look(net.page, "first-login-taken", "phone", { whole: true });
  await net.page.setViewportSize({ width: 1280, height: 800 });
  await look(net.page, "first-login-taken", "desktop", { whole: true });
  await net.page.setViewportSize({ width: 360, height: 740 });
  await net.pressLink(words.linkInstead);
  await net.at("/signin?next=%2Fme%2Fways");
  await net.signIn();
  await net.at("/me/ways");
  await provider.signIn(net, words.linkName(name), "net");
  await net.at("/me/ways");
  await net.sees(words.linkedNow(name));
  await net.sees(net.button(words.cutName(name)));
  await look(net.page, "ways-provider", "phone");
  await net.open("/me/password");
  await net.sees(words.alsoBy(name));

  await net.open("/me");
  await net.pressButton(account.signOut);
  await net.at("/");
  await net.open("/signin?next=%2Fme");
  await provider.signIn(net, words.with(name), "net");
  await net.at("/me");
  await net.sees("net@example.com");
});

test("a form that has expired leads through the provider again, and to where one wanted", { timeout: 120_000 }, async () => {
  const { chat_id } = await api.write(await api.register(somebody("글쓴이")));
  const river = await stage.enter(somebody("강"), "desktop");
  river.watch.forgive(answered(404));
  await river.open(`/signin?next=${encodeURIComponent(`/posts/${chat_id}`)}`);
  await provider.signIn(river, words.with(name), "river");
  await river.sees(words.known(name));
  await river.context.clearCookies({ name: /pending/ }); // as ten minutes do
  await register(river, "한강");
  await river.sees(river.button(words.anew(name)));
  await look(river.page, "first-login-over", "desktop");
  await river.page.setViewportSize({ width: 360, height: 740 });
  await look(river.page, "first-login-over", "phone");
  await river.page.setViewportSize({ width: 1280, height: 800 });
  await provider.signIn(river, words.anew(name), "river");
  await river.sees(words.known(name));
  await register(river, "한강");
  await river.at(`/posts/${chat_id}`);
});

test("what went wrong is said, with a way on", async () => {
  for (const device of ["phone", "desktop"] as const) {
    const person = await stage.enter(somebody("누구"), device);
    for (const code of ["social_expired", "social_misconfigured", "social_failed"] as const) {
      await person.open(`/social?error=${code}&next=%2Frooms`);
      await person.seesHeading(words.errors[code].title);
      await look(person.page, code, device);
      expect(await person.link(words.toSignIn).getAttribute("href")).toBe("/signin?next=%2Frooms");
    }
  }
});
