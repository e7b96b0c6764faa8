import { expect, test } from "vitest";
import { offline } from "../../adapter/web/src/words/ko";
import { talk } from "../../adapter/web/src/words/talk";
import { Api, type Known } from "./harness/api";
import { Cable } from "./harness/cable";
import { somebody } from "./harness/cast";
import type { Person } from "./harness/person";
import { setStage } from "./harness/stage";
import { lineLost } from "./harness/watch";

// What the network does to a talk: whatever happens, each word is there once, and in the same order for all.
const stage = setStage();
const api = new Api(stage.server);
let count = 0;

type Scene = { far: Person; near: Person; cable: Cable; writer: Known; room: number };

/** Two people in a room. The line of one of them, who is far away, can be cut. */
async function scene(): Promise<Scene> {
  count += 1;
  const writer = await api.register(somebody(`먼이웃${count}`));
  const guest = await api.register(somebody(`옆이웃${count}`));
  const post = await api.write(writer);
  const room = post.chat_id;
  await api.join(guest, room);
  const cable = await Cable.to(stage.server.port);
  const far = await stage.enter(writer, "phone", { url: cable.url });
  const near = await stage.enter(guest, "desktop");
  await Promise.all([far, near].map((person) => person.come(`/rooms/${room}`)));
  await far.says("안녕하세요");
  await near.hears("안녕하세요");
  for (const person of [far, near]) person.watch.forgive(...lineLost);
  return { far, near, cable, writer, room };
}

/** Both see all of it, once and in the order of seq. */
async function agree({ far, near, writer, room }: Scene, all: string[]) {
  for (const person of [far, near]) for (const text of all) await person.hears(text);
  for (const person of [far, near]) await person.page.getByRole("img", { name: talk.sending }).first().waitFor({ state: "detached" });
  const said = await api.said(await api.signIn(writer), room);
  const texts = said.map(({ message }) => message);
  expect([...texts].sort()).toEqual(["안녕하세요", ...all].sort());
  expect(said.map(({ seq }) => seq)).toEqual(said.map(({ seq }) => seq).sort((a, b) => a - b));
  expect(await far.talk()).toEqual(texts);
  expect(await near.talk()).toEqual(texts);
}

const mine = (texts: string[], of: string) => texts.filter((text) => text.startsWith(of));

test("a line that breaks and comes back, again and again", async () => {
  const scenery = await scene();
  const { far, near, cable } = scenery;
  const all: string[] = [];
  for (let n = 1; n <= 3; n += 1) {
    // Perhaps it is stored and only the answer is lost: nobody can know.
    await far.types(`먼 ${n} 끊기기 직전`);
    cable.cut();
    await far.types(`먼 ${n} 끊긴 동안`);
    await near.says(`옆 ${n} 끊긴 동안`);
    cable.mend();
    await near.says(`옆 ${n} 다시`);
    await far.types(`먼 ${n} 다시`);
    all.push(`먼 ${n} 끊기기 직전`, `먼 ${n} 끊긴 동안`, `옆 ${n} 끊긴 동안`, `옆 ${n} 다시`, `먼 ${n} 다시`);
    await far.hears(`옆 ${n} 다시`);
    await near.hears(`먼 ${n} 다시`);
  }
  await agree(scenery, all);
  expect(mine(await near.talk(), "먼")).toEqual(mine(all, "먼"));
  cable.close();
});

test("twenty seconds without a network, while both go on talking", async () => {
  const scenery = await scene();
  const { far, near, cable } = scenery;
  cable.hold();
  await far.context.setOffline(true);
  await far.sees(offline.bar);
  const began = Date.now();
  const all: string[] = [];
  for (let n = 1; n <= 4; n += 1) {
    await far.types(`먼 ${n}`);
    await near.says(`옆 ${n}`);
    all.push(`먼 ${n}`, `옆 ${n}`);
  }
  await far.sees(far.page.getByRole("img", { name: talk.sending }).first());
  expect(await far.page.getByRole("log").getByText("옆 1", { exact: true }).count()).toBe(0);
  expect(await near.page.getByRole("log").getByText("먼 1", { exact: true }).count()).toBe(0);
  // The time itself is what is tested here.
  await new Promise((resolve) => setTimeout(resolve, 20_000 - (Date.now() - began)));
  cable.cut();
  cable.mend();
  await far.context.setOffline(false);
  await far.misses(offline.bar);
  await agree(scenery, all);
  expect((await near.talk()).slice(1)).toEqual([...mine(all, "옆"), ...mine(all, "먼")]);
  await far.says("먼 끝");
  await near.hears("먼 끝");
  cable.close();
});

test("what was typed without a network survives a reload of the page, too", async () => {
  const scenery = await scene();
  const { far, near, cable } = scenery;
  cable.cut();
  await far.types("먼 하나");
  await far.types("먼 둘");
  await near.says("옆 하나");
  cable.mend();
  await far.page.reload();
  await agree(scenery, ["먼 하나", "먼 둘", "옆 하나"]);
  cable.close();
});

test("a server that dies in the middle and comes back", async () => {
  const scenery = await scene();
  const { far, near, cable } = scenery;
  const all: string[] = [];
  for (let n = 1; n <= 2; n += 1) {
    await Promise.all([far.types(`먼 ${n} 죽기 직전`), near.types(`옆 ${n} 죽기 직전`)]);
    await stage.server.kill();
    await Promise.all([far.types(`먼 ${n} 없는 동안`), near.types(`옆 ${n} 없는 동안`)]);
    if (n === 1) await near.sees(talk.lost);
    await stage.server.start();
    all.push(`먼 ${n} 죽기 직전`, `옆 ${n} 죽기 직전`, `먼 ${n} 없는 동안`, `옆 ${n} 없는 동안`);
    for (const person of [far, near]) for (const text of all) await person.hears(text);
    for (const person of [far, near]) await person.page.getByRole("img", { name: talk.sending }).first().waitFor({ state: "detached" });
  }
  await near.misses(talk.lost);
  await agree(scenery, all);
  cable.close();
});
