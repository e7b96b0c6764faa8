import { expect, test } from "vitest";
import { Api } from "./harness/api";
import { somebody } from "./harness/cast";
import type { Device } from "./harness/person";
import { speak } from "./harness/speak";
import { setStage } from "./harness/stage";

// Where Korean goes on behind an address: posts and messages lead to the same places.
const stage = setStage();
const api = new Api(stage.server);

const text = [
  "메뉴는 https://example.com입니다.",
  "https://ko.wikipedia.org/wiki/치킨 보고 와요",
  "지도는 https://example.com/map?q=역삼동&z=3에서 봐요",
  "https://한글.한국에서 (https://example.com/b)를",
].join("\n");
const shown = ["https://example.com", "https://ko.wikipedia.org/wiki/치킨", "https://example.com/map?q=역삼동&z=3", "https://한글.한국", "https://example.com/b"];

test.each<Device>(["phone", "desktop"])("in a post and in a message, on a %s", async (device) => {
  const writer = await api.register(somebody(`주소${device}`));
  const { id, chat_id } = await api.write(writer, { content: text });
  const person = await stage.enter(writer, device);
  await person.come(`/posts/${id}`);
  const foreign = person.page.locator("a[target=_blank]");
  const links = async () => ({ texts: await foreign.allInnerTexts(), hosts: await foreign.evaluateAll((all) => all.map((a) => new URL((a as HTMLAnchorElement).href).hostname)) });

  await person.sees(foreign.first());
  const post = await links();
  expect(post.texts).toEqual(shown);
  expect(post.hosts).toEqual(["example.com", "ko.wikipedia.org", "example.com", "xn--bj0bj06e.xn--3e0b707e", "example.com"]);

  await person.open(`/rooms/${chat_id}`);
  await speak(person.page, writer, chat_id, [text]);
  await person.sees(foreign.first());
  expect(await links()).toEqual(post);
});
