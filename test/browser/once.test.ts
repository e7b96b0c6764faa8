import { expect, test } from "vitest";
import { detail, form } from "../../adapter/web/src/words/post";
import { refused } from "../../adapter/web/src/words/ko";
import { Api, type Known } from "./harness/api";
import { Cable } from "./harness/cable";
import { somebody } from "./harness/cast";
import type { Device, Person } from "./harness/person";
import { setStage } from "./harness/stage";
import { answered, lineLost } from "./harness/watch";

// One press makes one post, whatever becomes of its answer.
const stage = setStage();
const api = new Api(stage.server);
const devices: Device[] = ["phone", "desktop"];

async function writes(device: Device, name: string, url?: string): Promise<{ person: Person; known: Known }> {
  const known = await api.register(somebody(name, { address: device === "phone" ? "서울특별시 강남구 역삼동" : "서울특별시 서초구 서초동" }));
  const person = await stage.enter(known, device, url ? { url } : {});
  person.watch.forgive(...lineLost);
  await person.come("/posts/new");
  await person.press(person.page.getByRole("radio", { name: "치킨" }));
  await person.fill(form.title, name);
  await person.fill(form.content, "7시에 시켜요");
  return { person, known };
}

const titled = async (known: Known, title: string) => (await api.board(known)).filter((post) => post.title === title).length;

test.each(devices)("an answer that is lost: the next press makes no second post (%s)", async (device) => {
  const title = `사라진답-${device}`;
  const { person, known } = await writes(device, title);
  const keys: (string | undefined)[] = [];
  await person.page.route("**/api/post/write/", async (route) => {
    keys.push((await route.request().allHeaders())["idempotency-key"]);
    const answer = await route.fetch();
    if (keys.length === 1) await route.abort("connectionreset");
    else await route.fulfill({ response: answer });
  });
  await person.pressButton(form.submit);
  await person.sees(refused.offline);
  expect(await titled(known, title)).toBe(1);

  await person.page.reload(); // the draft stays, and its key with it
  await person.pressButton(form.submit);
  await person.sees(form.written);
  await person.seesHeading(title);
  expect(keys[1]).toBe(keys[0]);
  expect(keys[0]).toMatch(/^[!-~]{16,128}$/);
  expect(await titled(known, title)).toBe(1);
});

test.each(devices)("a draft that is changed after a lost answer says that it is a post already (%s)", async (device) => {
  const title = `고친글-${device}`;
  const { person, known } = await writes(device, title);
  await person.page.route("**/api/post/write/", async (route) => {
    await route.fetch();
    await route.abort("connectionreset");
  }, { times: 1 });
  await person.pressButton(form.submit);
  await person.sees(refused.offline);
  await person.fill(form.content, "8시에 시켜요");
  person.watch.forgive(answered(422));
  await person.pressButton(form.submit);
  await person.sees(refused.idempotency_conflict);
  expect(await titled(known, title)).toBe(1);
});

test.each(devices)("two taps at once make one post (%s)", async (device) => {
  const title = `두번누름-${device}`;
  const { person, known } = await writes(device, title);
  let sent = 0;
  person.page.on("request", (request) => {
    if (request.url().endsWith("/api/post/write/")) sent += 1;
  });
  await person.button(form.submit).evaluate((button: HTMLElement) => {
    button.click();
    button.click();
  });
  await person.sees(form.written);
  expect(await titled(known, title)).toBe(1);
  expect(sent).toBe(1);
});

test.each(devices)("a line that is cut before the answer: what the browser sends again makes no second post (%s)", async (device) => {
  const title = `끊긴줄-${device}`;
  const cable = await Cable.to(stage.server.port);
  const { person, known } = await writes(device, title, cable.url);
  const cuts = cable.cutAnswers("POST /api/post/write/", 2);
  await person.pressButton(form.submit);
  await expect.poll(cuts).toBeGreaterThan(0);
  await expect.poll(() => titled(known, title)).toBe(1);
  // The browser has sent it again by itself, or the app says that it is not known.
  const written = person.page.getByText(form.written);
  await person.sees(written.or(person.page.getByText(refused.offline)).first());
  if (!(await written.isVisible())) await person.pressButton(form.submit);
  await person.sees(written);
  expect(await titled(known, title)).toBe(1);
  cable.close();
});

test.each(devices)("an answer to joining that is lost: the next press leads into the room (%s)", async (device) => {
  const writer = await api.register(somebody(`주인-${device}`));
  const post = await api.write(writer);
  const guest = await api.register(somebody(`손님-${device}`));
  const person = await stage.enter(guest, device);
  person.watch.forgive(...lineLost);
  await person.come(`/posts/${post.id}`);
  await person.page.route(`**/api/chat/${post.chat_id}/`, async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    await route.fetch();
    await route.abort("connectionreset");
  }, { times: 1 });
  await person.pressButton(detail.join);
  // The post is read again, and knows.
  await person.press(person.button(detail.join).or(person.link(detail.enter)).first());
  await person.at(`/rooms/${post.chat_id}`);
  expect((await api.room(guest, post.chat_id)).join_number).toBe(2);
});
