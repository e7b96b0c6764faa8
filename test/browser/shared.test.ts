import { expect, test } from "vitest";
import { account } from "../../adapter/web/src/words/account";
import { detail, shared as words } from "../../adapter/web/src/words/post";
import { Api } from "./harness/api";
import { somebody, yeoksam } from "./harness/cast";
import { look } from "./harness/look";
import type { Device } from "./harness/person";
import { setStage } from "./harness/stage";
import { answered } from "./harness/watch";

// A link to a post comes to somebody who has no account.
const stage = setStage({ outside: true });
const api = new Api(stage.server);

const tags = async (path: string) => {
  const page = await (await fetch(stage.server.url + path)).text();
  return Object.fromEntries([...page.matchAll(/<meta (?:property|name)="([^"]+)" content="([^"]*)"/g)].map(([, name, value]) => [name, value]));
};

test("other apps show a picture of the food, and nothing of people", async () => {
  const writer = await api.register(somebody("소문난집"));
  const { shared_path } = await api.write(writer, { title: "떡볶이 <b>둘</b>이면", category: "분식", content: "비밀번호는 1234" });
  const seen = await tags(shared_path);
  expect(seen).toMatchObject({
    "og:title": "떡볶이 &lt;b&gt;둘&lt;/b&gt;이면",
    "og:description": "역삼동 · 4명 중 1명이 모였어요",
    "og:image": `${stage.server.url}/og/snack.png`,
    "og:url": stage.server.url + shared_path,
    robots: "noindex",
  });
  expect(JSON.stringify(seen)).not.toMatch(/소문난집|1234|example\.com/);
  expect((await fetch(seen["og:image"]!)).headers.get("content-type")).toBe("image/png");
});

test.each<Device>(["phone", "desktop"])("a stranger sees the post and is in its room after four presses (%s)", { timeout: 120_000 }, async (device) => {
  const { chat_id, shared_path } = await api.write(await api.register(somebody(`링크쟁이${device}`)), { title: "치킨 같이 시켜요" });
  const bada = await stage.enter(somebody("바다"), device);
  // The provider has no picture.
  bada.watch.forgive(/404 .*\/favicon\.ico/);
  let presses = 0;
  const press = async (what: Parameters<typeof bada.press>[0]) => {
    presses++;
    await bada.press(what);
  };
  await bada.open(shared_path);
  await bada.seesHeading("치킨 같이 시켜요");
  await bada.sees(yeoksam);
  expect(await bada.page.locator("main").innerText()).not.toMatch(/링크쟁이|@/);
  await look(bada.page, "shared", device, { whole: true });
  await press(bada.link(words.join));
  await press(bada.button(account.social.with("카카오")));
  await bada.page.waitForURL((url) => url.pathname === "/authorize");
  await bada.press(bada.page.getByRole("button", { name: device === "phone" ? "바다" : "하늘" })); // the provider's own page
  await bada.at(/^\/social\?/);
  await bada.sees(account.social.known("카카오"));
  if (device === "phone") await bada.fill(account.email, "bada@example.com"); // the other one's provider tells it
  expect(await bada.field(account.address).inputValue()).toBe(yeoksam);
  await press(bada.button(account.register));
  await bada.at(`/posts/${chat_id}`);
  await press(bada.button(detail.join));
  await bada.at(`/rooms/${chat_id}`);
  expect(presses).toBeLessThanOrEqual(6);

  // From now on the link leads to the post itself.
  await bada.open(shared_path);
  await bada.at(`/posts/${chat_id}`);
});

test("a link that leads nowhere says so, and one to a post that is complete", async () => {
  const writer = await api.register(somebody("마감한집"));
  const { id, shared_path } = await api.write(writer, { target_number: 2 });
  const guest = await stage.enter(somebody("구경꾼"), "phone");
  await api.join(await api.register(somebody("두번째")), id);
  await guest.open(shared_path);
  await guest.sees(words.closed);
  await guest.sees(guest.link(words.start));
  guest.watch.forgive(answered(404), /^error: Failed to load resource: the server responded with a status of 404 .*\/s\//);
  await guest.open(`${shared_path}x`);
  await guest.sees(words.gone);
  await look(guest.page, "shared-gone", "phone");
});
