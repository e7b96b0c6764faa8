import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { account } from "../../adapter/web/src/words/account";
import { detail } from "../../adapter/web/src/words/post";
import { talk } from "../../adapter/web/src/words/talk";
import { Api, type Known } from "./harness/api";
import { somebody, yeoksam } from "./harness/cast";
import { setStage } from "./harness/stage";
import { speak } from "./harness/speak";
import { answered } from "./harness/watch";

// What people write is text, whatever it looks like: a hundred things that would run elsewhere, in every field, on every screen.
const stage = setStage();
const api = new Api(stage.server);

const breaks = ["", '">', "'>", "`>", "-->", "]]>", "</p>", "</a>", "</i>", "<x>"];
const runs = [
  "<svg onload=alert()>",
  "<svg/onload=alert()>",
  "<body onload=alert()>",
  "<style onload=alert()>",
  "<script>alert()</script>",
  "<img src onerror=alert()>",
  "<iframe onload=alert()>",
  "<marquee onstart=alert()>",
];
const others = [
  "javascript:alert()", "JaVaScRiPt:prompt()", "java\\script:alert()", "data:text/html,<svg onload=1>", "vbscript:alert()",
  '" onload=alert() x="', "' onfocus=alert() autofocus '", '"autofocus onfocus=alert() "', "` onclick=alert() `",
  "{{alert()}}", "${alert()}", "#{alert()}", "<%=alert()%>", "{%alert()%}", "[[alert()]]", "[a](javascript:alert())",
  "&lt;svg onload=alert()&gt;", "%3Csvg onload=alert()%3E", "\\x3csvg onload=alert()\\x3e", "\\74svg onload=alert()\\76",
];
/** Short enough for a name. */
const payloads = [...breaks.flatMap((end) => runs.map((run) => end + run)), ...others];

/** As many as a field holds, until all are said. */
function packed(limit: number): string[] {
  const all: string[] = [];
  for (const payload of payloads) {
    const last = all.at(-1);
    if (last !== undefined && last.length + 1 + payload.length <= limit) all[all.length - 1] = `${last} ${payload}`;
    else all.push(payload);
  }
  return all;
}

/** Goes on within the page, as links do. */
async function go(page: Page, path: string) {
  await page.evaluate((path) => {
    history.pushState({ idx: 1, key: path, usr: null }, "", path);
    dispatchEvent(new PopStateEvent("popstate", { state: history.state }));
  }, path);
}

const trap = () => {
  const { complain } = window as unknown as { complain: (what: string) => void };
  for (const name of ["alert", "confirm", "prompt", "print"]) Object.assign(window, { [name]: () => complain(`ran: ${name}`) });
};

test("a hundred payloads in every field run nowhere", { timeout: 600_000 }, async () => {
  expect(new Set(payloads).size).toBe(100);
  for (const payload of payloads) expect(payload.length, payload).toBeLessThanOrEqual(30);

  const me = await stage.enter(await api.register(somebody("구경꾼")), "desktop", { userAgent: `Chrome ${payloads[1]} Android` });
  await me.context.addInitScript(trap);

  // What would run is noticed: the content policy alone says so.
  await me.open("/signin");
  await me.page.evaluate((html) => document.body.insertAdjacentHTML("beforeend", html), payloads[5]!);
  await expect.poll(() => me.watch.complaints.length).toBeGreaterThan(0);
  await me.page.evaluate(() => alert());
  await expect.poll(() => me.watch.complaints.join()).toContain("ran: alert");
  me.watch.complaints.length = 0;

  // Names, titles and contents.
  const writers: Known[] = [];
  const posts: { id: number; chat_id: number; title: string }[] = [];
  for (const [i, payload] of payloads.entries()) {
    const username = payload.startsWith("`>") ? `${payload}b` : payload; // without which it looks like that with '>
    const writer = await api.register({ username, email: `x${i}@example.com`, password: "bap-meokja-1", address: yeoksam });
    writers.push(writer);
    posts.push(await api.write(writer, { title: payload, content: payloads.join("\n"), target_number: 10 }));
  }
  await me.come("/board");
  const titles: string[] = [];
  for (let page = 1; page <= 10; page += 1) {
    await me.open(page === 1 ? "/board" : `/board?page=${page}`); // the first is drawn before the app is here
    await me.sees(me.page.getByRole("heading", { level: 3 }).nth(9));
    titles.push(...(await me.page.getByRole("heading", { level: 3 }).allInnerTexts()));
  }
  expect(titles.sort()).toEqual([...payloads].sort());
  for (const [i, { id }] of posts.entries()) {
    await go(me.page, `/posts/${id}`);
    await me.seesHeading(payloads[i]!);
    await me.sees(me.page.getByText(payloads.at(-1)!).first());
  }

  // Messages, and names of members.
  const room = posts[0]!.chat_id;
  const members = writers.slice(1, 9);
  for (const member of members) await api.join(member, room);
  const own = await api.signIn(me.who);
  await api.join(own, room);
  for (const [i, member] of members.entries()) await speak(me.page, member, room, payloads.filter((_, n) => n % members.length === i));
  await me.open(`/rooms/${room}`);
  await me.sees(me.page.getByRole("log"));
  await expect
    .poll(async () => {
      // Older ones come as one goes up, which counts from below.
      await me.page.getByRole("log").evaluate((log) => log.scrollTo(0, -log.scrollHeight));
      return (await me.talk()).filter((text) => payloads.includes(text)).length;
    }, { timeout: 30_000 })
    .toBe(100);
  const said = await api.said(own, room);
  expect(said.map(({ message }) => message).sort()).toEqual([...payloads].sort());
  await me.says(`저도요 ${payloads[4]!}`);
  await me.pressButton(talk.members(10));
  for (const { username } of members) await me.sees(me.page.getByRole("listitem").filter({ hasText: username }).first());

  // A neighbourhood is an official name: none of these is one, and what was typed stays as it is.
  for (const address of packed(100)) await expect(api.update(own, { address })).rejects.toThrow(/: 400 .*"address"/);
  await me.open("/me");
  me.watch.forgive(answered(400));
  for (const payload of payloads.slice(0, 5)) {
    await me.fill(account.address, payload);
    await me.pressButton(account.save);
    await me.sees(me.field(account.address).and(me.page.locator('[aria-invalid="true"]')));
    expect(await me.field(account.address).inputValue()).toBe(payload);
  }
  const last = await api.write(own, { title: "글" });
  await me.open(`/posts/${last.id}`);
  await me.sees(me.link(detail.enter));

  // One of them at home.
  const home = await stage.enter(writers[5]!, "phone");
  await home.context.addInitScript(trap);
  await home.come("/me");
  await home.sees(home.page.getByText(payloads[5]!).first());
  for (const path of ["/me/devices", "/me/ways", "/me/password", "/me/withdraw", `/posts/${posts[5]!.id}/edit`, `/rooms/${room}`]) {
    await home.open(path);
    await home.sees(home.page.getByRole("heading", { level: 1 }));
  }
  await me.open("/me/devices");
  await me.sees(me.page.getByRole("listitem").filter({ hasText: account.devices.here }));
  // judge() looks for what ran, and for what the content policy had to forbid.
});
