import { describe, expect, test } from "vitest";
import { party } from "../../adapter/web/src/words/party";
import { detail } from "../../adapter/web/src/words/post";
import { talk } from "../../adapter/web/src/words/talk";
import { Api } from "./harness/api";
import { somebody } from "./harness/cast";
import { look } from "./harness/look";
import type { Device, Person } from "./harness/person";
import { setStage } from "./harness/stage";
import { answered } from "./harness/watch";

// What a post says about its room: who was sent out, what was deleted, what was closed, and where one is in.
const stage = setStage();
const api = new Api(stage.server);

describe.each<Device>(["phone", "desktop"])("on a %s", (device) => {
  /** A party of two: somebody with a page, and a neighbour. */
  async function scene(name: string, leads: boolean) {
    const who = await api.register(somebody(`${name}${device}`));
    const other = await api.register(somebody(`${name}이웃${device}`));
    const [leader, guest] = leads ? [who, other] : [other, who];
    const title = `${name} ${device} 같이 시켜요`;
    const { id, chat_id } = await api.write(leader, { title, target_number: 2 });
    await api.join(guest, chat_id);
    const person = await stage.enter(who, device);
    return { person, who, other, title, room: chat_id, post: `/posts/${id}` };
  }

  const menu = (person: Person) => person.pressButton(detail.menu);
  const item = (person: Person, name: string) => person.page.getByRole("menuitem", { name, exact: true });

  test("who is sent out reads that they were, there and at the post", async () => {
    const { person, who, other, room, post } = await scene("내보냄", false);
    await person.come(`/rooms/${room}`);
    await person.sees(person.composer);
    person.watch.forgive(answered(403), /^error: WebSocket connection/);
    await api.ban(other, room, who);
    await person.sees(talk.gone.dismissed.title);
    await person.sees(talk.gone.dismissed.text);
    await person.pressLink(talk.toPost);
    await person.at(post);
    await person.sees(detail.banned);
    expect(await person.button(detail.join).count()).toBe(0);
    await look(person.page, "post-banned", device);
    await person.open(`/rooms/${room}`);
    await person.sees(talk.gone.dismissed.title);
  });

  test("who leaves in another window was not sent out", async () => {
    const { person, who, room } = await scene("나감", false);
    await person.come(`/rooms/${room}`);
    await person.sees(person.composer);
    person.watch.forgive(answered(403), /^error: WebSocket connection/);
    await api.leave(who, room);
    await person.sees(talk.gone.left.title);
  });

  test("a deleted room offers neither the room nor recruiting", async () => {
    const { person, room, post } = await scene("지움", true);
    await person.come(`/rooms/${room}`);
    await person.pressButton(talk.members(2));
    await person.pressButton(talk.delete);
    await person.confirm(talk.deleteTitle, talk.deleteDo);
    await person.at(post);
    await person.sees(detail.roomGoneText);
    expect(await person.link(detail.enter).count()).toBe(0);
    await menu(person);
    await person.sees(item(person, detail.remove));
    expect(await item(person, detail.reopen).count()).toBe(0);
    expect(await item(person, detail.close).count()).toBe(0);
    await person.page.keyboard.press("Escape");
    await look(person.page, "post-room-deleted", device);
  });

  test("the leader closes a full party, and a seat that becomes free lets nobody in", async () => {
    const { person, other, room, post } = await scene("마감", true);
    await person.come(post);
    await person.sees(detail.full);
    await menu(person);
    await person.press(item(person, detail.close));
    await person.sees(detail.closedFull);
    await person.sees(detail.closedByMe);
    await api.leave(other, room);
    const stranger = await stage.enter(await api.register(somebody(`마감낯선${device}`)), device);
    await stranger.come(post);
    await stranger.sees(detail.ended);
    expect(await stranger.button(detail.join).count()).toBe(0);
    await person.page.reload();
    await menu(person);
    await person.press(item(person, detail.reopen));
    await person.sees(detail.openNow);
    await stranger.page.reload();
    await stranger.sees(stranger.button(detail.join));
  });

  test("the board marks where one is in on a device that has not seen the room", async () => {
    const { person, title } = await scene("처음", false);
    const asked: string[] = [];
    person.page.on("requestfinished", (request) => {
      const { pathname } = new URL(request.url());
      if (/^\/api\/(post|rooms)\/$/.test(pathname)) asked.push(pathname);
    });
    await person.come("/board?state=all");
    const card = person.page.getByRole("listitem").filter({ has: person.page.getByRole("link", { name: title, exact: true }) });
    await person.sees(card.getByText(party.joined));
    // The posts come first, and rooms are asked for once.
    expect(asked[0]).toBe("/api/post/");
    expect(asked.filter((path) => path === "/api/rooms/")).toHaveLength(1);
  });

  test("the board marks where one is in", async () => {
    const { person, room, title } = await scene("참여", false);
    const card = person.page.getByRole("listitem").filter({ has: person.page.getByRole("link", { name: title, exact: true }) });
    await person.come(`/rooms/${room}`);
    await person.sees(person.composer);
    await person.open("/board?state=all");
    await person.sees(card.getByText(party.joined));
    await look(person.page, "board-joined", device);
    await person.open(`/rooms/${room}`);
    await person.pressButton(talk.members(2));
    await person.pressButton(talk.leave);
    await person.confirm(talk.leaveTitle, talk.leaveDo);
    await person.at(/^\/posts\//);
    await person.sees(person.button(detail.join));
    await person.open("/board?state=all");
    await person.sees(card);
    await person.misses(card.getByText(party.joined));
  });
});
