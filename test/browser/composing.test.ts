import { beforeAll, describe, expect, test } from "vitest";
import { talk } from "../../adapter/web/src/words/talk";
import { Api, type Known } from "./harness/api";
import { somebody } from "./harness/cast";
import { Ime } from "./harness/ime";
import type { Device, Person } from "./harness/person";
import { setStage } from "./harness/stage";

// A message is sent while its last syllable is still being composed: it is whole, said once, and nothing stays behind.
const stage = setStage({ stay: true });
const api = new Api(stage.server);

describe.each<Device>(["phone", "desktop"])("on a %s", (device) => {
  let writer: Known;
  let room: number;
  let person: Person;
  let keyboard: Ime;

  beforeAll(async () => {
    writer = await api.register(somebody(`글쇠${device}`));
    room = (await api.write(writer)).chat_id;
    person = await stage.enter(writer, device);
    await person.come(`/rooms/${room}`);
    keyboard = await Ime.of(person.page);
  });

  /** What was said last, once nothing is on its way any more. */
  async function saidOnce(text: string) {
    await person.hears(text);
    await person.page.getByRole("img", { name: talk.sending }).first().waitFor({ state: "detached" });
    expect(await person.composer.inputValue()).toBe("");
    const said = await api.said(writer, room);
    expect(said.at(-1)?.message).toBe(text);
    expect(said.filter(({ message }) => message === text)).toHaveLength(1);
    expect(await person.talk()).toEqual(said.map(({ message }) => message));
  }

  async function compose(settled: string, open: string[]) {
    await person.composer.focus();
    if (settled) await keyboard.settle(settled);
    for (const syllable of open) await keyboard.compose(syllable);
    expect(await person.composer.inputValue()).toBe(settled + open.at(-1)!);
  }

  test("by the button, and the keyboard writes nothing more", async () => {
    await compose("안녕하세", ["ㅇ", "요"]);
    await person.pressButton(talk.send);
    await saidOnce("안녕하세요");
  });

  test("by the button, and the keyboard settles the syllable afterwards", async () => {
    await compose("치", ["ㅋ", "키", "킨"]);
    await person.pressButton(talk.send);
    await keyboard.settle("킨");
    await saidOnce("치킨");
    // Nor is the next one lost, even if it is the same.
    await compose("", ["ㅋ", "키", "킨"]);
    await keyboard.settle("킨");
    expect(await person.composer.inputValue()).toBe("킨");
    await person.composer.fill("");
  });

  test("a whole word that is being composed", async () => {
    await compose("", ["반", "반반"]);
    await person.pressButton(talk.send);
    await keyboard.settle("반반");
    await saidOnce("반반");
  });

  if (device === "phone") return;

  test.each([229, 13] as const)("by Enter as %i, before the keyboard settles it", async (code) => {
    await compose(`순살${code}`, ["ㅇ", "요"]);
    await keyboard.enter(code);
    await keyboard.settle("요");
    await saidOnce(`순살${code}요`);
  });

  test("by Enter, which comes a second time once the syllable is settled", async () => {
    await compose("콜라", ["ㄷ", "도"]);
    await keyboard.enter(229);
    await keyboard.settle("도");
    await keyboard.enter(13);
    await saidOnce("콜라도");
    expect((await api.said(writer, room)).filter(({ message }) => message === "도" || message === "콜라")).toEqual([]);
  });

  test("by Enter, and the keyboard writes nothing more", async () => {
    await compose("", ["ㄴ", "네"]);
    await keyboard.enter(229);
    await saidOnce("네");
  });

  test("Enter that chooses a word sends nothing", async () => {
    await compose("", ["すし"]);
    await keyboard.enter(229);
    await keyboard.settle("寿司");
    expect(await person.composer.inputValue()).toBe("寿司");
    await person.composer.press("Enter");
    await saidOnce("寿司");
  });
});
