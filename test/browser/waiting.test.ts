import { describe, expect, test } from "vitest";
import { account } from "../../adapter/web/src/words/account";
import { chef } from "../../adapter/web/src/words/menu";
import { form } from "../../adapter/web/src/words/post";
import { talk } from "../../adapter/web/src/words/talk";
import { Api } from "./harness/api";
import { somebody } from "./harness/cast";
import { openMenus, stubWeather } from "./harness/panels";
import type { Device } from "./harness/person";
import { speak } from "./harness/speak";
import { setStage } from "./harness/stage";
import { lineLost } from "./harness/watch";

// What is read, what was typed, and what waits to be sent: the app remembers, and spends nothing unasked.
const stage = setStage();
const api = new Api(stage.server);

describe.each<Device>(["phone", "desktop"])("on a %s", (device) => {
  async function scene(name: string) {
    const writer = await api.register(somebody(`${name}${device}`));
    const guest = await api.register(somebody(`${name}손${device}`));
    const { chat_id } = await api.write(writer);
    await api.join(guest, chat_id);
    const person = await stage.enter(writer, device);
    await stubWeather(person.context, person.watch);
    return { writer, guest, room: chat_id, person, path: `/rooms/${chat_id}` };
  }

  test("the mark does not appear while one reads, and one's own line moves it", async () => {
    const { writer, guest, room, person, path } = await scene("읽는");
    await person.come(path);
    await speak(person.page, guest, room, ["하나"]);
    await person.hears("하나");
    // Somebody who has read before comes again.
    await person.open("/me");
    await person.open(path);
    await person.hears("하나");
    await speak(person.page, guest, room, ["둘"]);
    await person.hears("둘");
    await person.misses(talk.unread);

    await person.open("/me");
    await speak(person.page, guest, room, ["셋"]);
    await person.open(path);
    await person.hears("셋");
    await person.sees(talk.unread);
    // From another device.
    await speak(person.page, writer, room, ["넷"]);
    await person.hears("넷");
    await person.misses(talk.unread);
    await speak(person.page, guest, room, ["다섯"]);
    await person.hears("다섯");
    await person.misses(talk.unread);
  });

  test("opening the menus costs no question", async () => {
    const { person } = await scene("메뉴");
    const asked: string[] = [];
    person.page.on("request", (request) => {
      if (request.url().includes("/foodchoicer/")) asked.push(request.method());
    });
    await person.come();
    await openMenus(person);
    await person.sees(chef.introText);
    await person.page.waitForLoadState("networkidle");
    expect(asked).toEqual([]);
    await person.pressButton(chef.start);
    await person.sees(chef.remaining(9));
    await person.open("/board");
    await openMenus(person);
    await person.sees(chef.remaining(9));
    expect(asked).toEqual(["GET"]);
  });

  test("what was typed outlives the tab, and not a sign-out", async () => {
    const { person, path } = await scene("쓰던");
    await person.come(path);
    await person.composer.fill("쓰다 만 말");
    await person.open("/posts/new");
    await person.fill(form.title, "쓰다 만 글");
    const old = person.page;
    person.page = await person.context.newPage();
    await old.close();
    await person.open("/posts/new");
    await person.sees(form.restored);
    expect(await person.field(form.title).inputValue()).toBe("쓰다 만 글");
    await person.open(path);
    await person.sees(person.composer);
    expect(await person.composer.inputValue()).toBe("쓰다 만 말");

    await person.open("/me");
    await person.pressButton(account.signOut);
    await person.at("/");
    expect(await person.page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toContain("쓰다 만");
  });

  test("a line that waits for the server arrives within five seconds of its return", { timeout: 120_000 }, async () => {
    const { writer, room, person, path } = await scene("기다린");
    await person.come(path);
    await person.says("먼저");
    person.watch.forgive(...lineLost);
    await stage.server.kill();
    await person.types("기다린 말");
    // Long enough for the tries to become rare.
    await new Promise((resolve) => setTimeout(resolve, 25_000));
    await stage.server.start();
    const back = Date.now();
    await person.page.getByRole("img", { name: talk.sending }).first().waitFor({ state: "detached" });
    expect(Date.now() - back).toBeLessThan(5_000);
    expect((await api.said(await api.signIn(writer), room)).map(({ message }) => message)).toEqual(["먼저", "기다린 말"]);
  });
});
