import { describe, expect, test } from "vitest";
import { account } from "../../adapter/web/src/words/account";
import { common, nav, offline } from "../../adapter/web/src/words/ko";
import { detail, form } from "../../adapter/web/src/words/post";
import { Api } from "./harness/api";
import { somebody } from "./harness/cast";
import { look } from "./harness/look";
import type { Device } from "./harness/person";
import { setStage } from "./harness/stage";
import { lineLost } from "./harness/watch";

// Without a network, and with a finger that is too quick.
const stage = setStage();
const api = new Api(stage.server);

describe.each<Device>(["phone", "desktop"])("on a %s", (device) => {
  test("a screen that was not opened before shows what is known, and leads back", async () => {
    const writer = await api.register(somebody(`오프라인${device}`));
    const title = `오프라인 ${device} 치킨`;
    const { chat_id } = await api.write(writer, { title, content: "역삼역 3번 출구에서 받아요." });
    const person = await stage.enter(writer, device);
    person.watch.forgive(...lineLost);
    await person.come();
    await person.sees(person.link(title));
    // The other screens load once the board is there.
    await person.page.waitForLoadState("networkidle");
    await expect.poll(() => person.page.evaluate(() => performance.getEntriesByType("resource").some(({ name }) => /\/assets\/Withdraw-/.test(name)))).toBe(true);
    await person.page.waitForLoadState("networkidle");
    await person.context.setOffline(true);
    await person.sees(offline.bar);
    await person.pressLink(title);
    await person.seesHeading(title);
    await person.sees("역삼역 3번 출구에서 받아요.");
    await person.sees(person.button(common.retry));
    await look(person.page, "post-offline", device);
    await person.press(person.link(common.back));
    await person.at("/board");
    await person.sees(person.link(title));
    await person.page.evaluate((path) => {
      history.pushState({ idx: 1, key: path, usr: null }, "", path);
      dispatchEvent(new PopStateEvent("popstate", { state: history.state }));
    }, `/rooms/${chat_id}`);
    await person.sees(person.button(common.retry));
    await look(person.page, "room-offline", device);
    await person.context.setOffline(false);
    await person.sees(person.composer);
  });

  test("a reload shows what was seen last, from when it is, and nothing of it after the sign-out", { timeout: 120_000 }, async () => {
    const neighbour = await api.register(somebody(`다시연이웃${device}`));
    const who = await api.register(somebody(`다시연${device}`));
    const title = `다시 연 ${device} 치킨`;
    const { chat_id } = await api.write(neighbour, { title, content: "역삼역 3번 출구에서 받아요." });
    await api.join(who, chat_id);
    const person = await stage.enter(who, device, { settles: true });
    const { page } = person;
    person.watch.forgive(...lineLost);
    const kept = () => page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("mealbuddy.last-seen.")).map((key) => key.replace(/.*\.(?=\[)/, "")));
    const keeps = (name: string) => expect.poll(kept).toContainEqual(expect.stringContaining(name));
    await person.come(`/posts/${chat_id}`);
    await person.sees(person.link(detail.enter));
    await keeps(`["post",${chat_id}]`);
    await person.open("/rooms");
    await person.sees(title);
    await keeps("own-rooms");
    await person.open("/board");
    await person.sees(person.link(title));
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    // With the worker in place every screen is loaded once, and stays.
    await person.open("/board");
    await person.sees(person.link(title));
    await expect.poll(() => page.evaluate(() => performance.getEntriesByType("resource").some(({ name }) => /\/assets\/Withdraw-/.test(name)))).toBe(true);
    await page.waitForLoadState("networkidle");
    await keeps("recruiting");

    await person.context.setOffline(true);
    await page.reload();
    await person.sees(person.link(title));
    await person.sees(/에 본 내용이에요/);
    await person.sees(offline.bar);
    await look(page, "board-offline", device);
    await person.pressLink(title);
    await person.sees("역삼역 3번 출구에서 받아요.");
    await person.sees(person.link(detail.enter));
    await person.press(person.link(common.back));
    await person.at("/board");
    await person.press(person.link(nav.rooms).filter({ visible: true }));
    await person.sees(title);
    await person.sees(/에 본 내용이에요/);

    await person.context.setOffline(false);
    await person.misses(/에 본 내용이에요/);
    await person.open("/me");
    await person.pressButton(account.signOut);
    await person.at("/");
    expect(await kept()).toEqual([]);
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toContain("다시 연");
  });

  test("a double tap on 글 올리기 does not enter the room", async () => {
    const person = await stage.enter(await api.register(somebody(`두번${device}`)), device);
    await person.come("/posts/new");
    await person.press(person.page.getByRole("radio", { name: "치킨" }));
    await person.fill(form.title, "두 번 눌러요");
    await person.fill(form.content, "7시에 시켜요.");
    await person.button(form.submit).scrollIntoViewIfNeeded();
    const { x, y, width, height } = (await person.button(form.submit).boundingBox())!;
    const at = [x + width / 2, y + height / 2] as const;
    const press = () => (device === "phone" ? person.page.touchscreen.tap(...at) : person.page.mouse.click(...at));
    await press();
    await person.page.waitForFunction(() => /^\/posts\/\d+$/.test(location.pathname));
    await press();
    await person.seesHeading("두 번 눌러요");
    await person.sees(person.link(detail.enter));
    // By then it would have led away.
    await person.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    await person.at(/^\/posts\/\d+$/);
    // Who means it enters.
    await person.page.waitForTimeout(600);
    await person.pressLink(detail.enter);
    await person.at(/^\/rooms\/\d+$/);
  });
});
