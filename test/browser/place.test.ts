import { expect, test } from "vitest";
import { account, place } from "../../adapter/web/src/words/account";
import { nav, refused } from "../../adapter/web/src/words/ko";
import { board } from "../../adapter/web/src/words/party";
import { Api } from "./harness/api";
import { somebody, yeoksam } from "./harness/cast";
import { look } from "./harness/look";
import type { Device, Person } from "./harness/person";
import { setStage } from "./harness/stage";
import { answered } from "./harness/watch";

// Where one lives: searched for, found by the device, changed, and asked for again.
const stage = setStage();
const api = new Api(stage.server);
const devices = ["phone", "desktop"] satisfies Device[];

const option = (person: Person, name: string) => person.page.getByRole("option", { name, exact: true });
const heading = (person: Person) => person.page.getByRole("heading", { level: 1 }).getByRole("button");
const sheet = (person: Person, title = place.title) => person.page.getByRole("dialog", { name: title });
const focused = (person: Person, label: string) => person.field(label).evaluate((field) => field === document.activeElement);

for (const device of devices) {
  test(`every neighbourhood is found by its initials on a ${device}`, async () => {
    const ann = await stage.enter(somebody(`민지${device}`), device);
    await ann.open("/register");
    const field = ann.field(account.address);
    await field.scrollIntoViewIfNeeded();
    await field.focus();
    await ann.page.keyboard.type("ㅇㅅㄷ");
    await ann.sees(option(ann, "역삼동 서울특별시 강남구"));
    await look(ann.page, "place-found", device);
    await ann.press(option(ann, "역삼동 서울특별시 강남구"));
    expect(await field.inputValue()).toBe(yeoksam);
    await ann.misses(option(ann, "역삼동 서울특별시 강남구"));

    // A city leads on to its neighbourhoods, by keyboard alone.
    await field.fill("");
    await ann.page.keyboard.type("강릉");
    await ann.sees(option(ann, "강릉시 강원특별자치도"));
    await ann.page.keyboard.press("ArrowDown");
    await ann.page.keyboard.press("Enter");
    expect(await field.inputValue()).toBe("강원특별자치도 강릉시 ");
    await ann.page.keyboard.type("교");
    await ann.sees(option(ann, "교동 강원특별자치도 강릉시"));
    await ann.page.keyboard.press("ArrowDown");
    await ann.page.keyboard.press("Enter");
    expect(await field.inputValue()).toMatch(/^강원특별자치도 강릉시 교/);

    await field.fill("ㅁㄴㅇㄹ");
    await ann.sees(place.nothing);
    await look(ann.page, "place-none", device);
    // What is typed stays, whatever is closed.
    await ann.page.keyboard.press("Escape");
    await ann.page.keyboard.press("Escape");
    expect(await field.inputValue()).toBe("ㅁㄴㅇㄹ");
  });

  test(`a search that fails says why and can be tried again on a ${device}`, async () => {
    const ben = await stage.enter(somebody(`준호${device}`), device);
    ben.watch.forgive(/ERR_INTERNET_DISCONNECTED/, answered(503));
    await ben.open("/register");
    await ben.field(account.address).focus();
    await ben.context.setOffline(true);
    await ben.page.keyboard.type("역삼");
    await ben.sees(refused.offline);
    await look(ben.page, "place-offline", device);
    await ben.context.setOffline(false);
    await ben.sees(option(ben, "역삼1동 서울특별시 강남구"));

    await ben.context.route(/\/api\/region\/search\//, (route) => route.fulfill({ status: 503, contentType: "application/problem+json", body: JSON.stringify({ code: "unavailable", status: 503, detail: "", title: "" }) }));
    await ben.field(account.address).fill("서초");
    await ben.sees(refused.unavailable);
    await ben.context.unrouteAll();
    await ben.page.keyboard.press("Tab");
    await ben.page.keyboard.press("Enter");
    await ben.sees(option(ben, "서초동 서울특별시 서초구"));
    expect(await ben.field(account.address).inputValue()).toBe("서초");
  });

  test(`the device names the neighbourhood without any key on a ${device}`, async () => {
    const hana = await stage.enter(somebody(`하나${device}`), device, { permissions: ["geolocation"], geolocation: { latitude: 33.5082, longitude: 126.5137 } });
    await hana.open("/register");
    await hana.pressButton(account.addressHere);
    await expect.poll(() => hana.field(account.address).inputValue()).toBe("제주특별자치도 제주시 용담2동");
    expect(await focused(hana, account.address)).toBe(true);
  });

  test(`two taps move to another neighbourhood, a third one back on a ${device}`, async () => {
    const who = await api.register(somebody(`단비${device}`));
    await api.write(who, { title: `역삼에서 쓴 글 ${device}` });
    const dan = await stage.enter(who, device, { permissions: ["geolocation"], geolocation: { latitude: 37.4837, longitude: 127.0324 } });
    await dan.come();
    await dan.press(heading(dan));
    await dan.sees(sheet(dan));
    await dan.sees(dan.button("논현동 서울특별시 강남구", sheet(dan)));
    await dan.press(dan.button("논현동 서울특별시 강남구", sheet(dan)));
    await dan.misses(sheet(dan));
    await dan.seesHeading(/논현동/);
    await dan.sees(board.fresh("논현동"));
    await dan.sees(place.moved("논현동"));
    await dan.pressButton(place.undo);
    await dan.seesHeading(/역삼동/);

    // Where one was is one tap away, and so is where one is.
    await dan.press(heading(dan));
    await dan.sees(sheet(dan).getByRole("region", { name: place.recent }));
    await look(dan.page, "move-recent", device);
    await dan.pressButton(place.byPosition);
    await dan.misses(sheet(dan));
    await dan.seesHeading(/서초/);

    // What one wrote where one was stays in reach.
    await dan.press(dan.link(nav.rooms).filter({ visible: true }));
    await dan.at("/rooms");
    await dan.sees(dan.page.getByRole("link", { name: `역삼에서 쓴 글 ${device}` }));
    await look(dan.page, "rooms", device);
    await dan.page.goBack();
    await dan.seesHeading(/서초/);

    await dan.press(heading(dan));
    await dan.fill(place.search, "ㅇㅅㄷ");
    await dan.sees(option(dan, "역삼동 서울특별시 강남구"));
    await look(dan.page, "move-search", device);
    await dan.fill(place.search, "ㅁㄴㅇㄹ");
    await dan.sees(place.noneText);
    await look(dan.page, "move-none", device);
    await dan.fill(place.search, "역삼동");
    await dan.press(option(dan, "역삼동 서울특별시 강남구"));
    await dan.misses(sheet(dan));
    await dan.seesHeading(/역삼동/);

    // Back closes the sheet and nothing else.
    await dan.press(heading(dan));
    await dan.sees(sheet(dan));
    await dan.page.goBack();
    await dan.misses(sheet(dan));
    await dan.at("/board");
    await expect.poll(() => heading(dan).evaluate((button) => button === document.activeElement)).toBe(true);
  });

  test(`an address that is none is refused with what may have been meant on a ${device}`, async () => {
    const eun = await stage.enter(somebody(`은서${device}`, { address: "서울 감남구 역삼동" }), device);
    eun.watch.forgive(answered(400));
    await eun.open("/register");
    await eun.fill(account.email, eun.who.email);
    await eun.fill(account.username, eun.who.username);
    await eun.fill(account.password, eun.who.password);
    await eun.fill(account.address, eun.who.address);
    await eun.pressButton(account.register);
    const meant = eun.page.getByRole("group", { name: place.suggested });
    await eun.sees(meant);
    await eun.reads(account.address, place.unclear);
    expect(await focused(eun, account.address)).toBe(true);
    expect(await eun.field(account.address).inputValue()).toBe(eun.who.address);
    expect(await eun.field(account.password).inputValue()).toBe(eun.who.password);
    expect(await meant.getByRole("button").count()).toBe(3);
    await look(eun.page, "place-meant", device, { whole: true });
    await eun.press(eun.button("역삼동 서울특별시 강남구", meant));
    await eun.misses(meant);
    expect(await eun.field(account.address).inputValue()).toBe(yeoksam);
    await eun.pressButton(account.register);
    await eun.at("/board");
  });

  test(`who lives at no official address is asked at the next visit on a ${device}`, async () => {
    const gil = await stage.enter(await api.register(somebody(`길동${device}`)), device);
    await gil.come("/me");
    const ask = () => sheet(gil, place.askTitle);
    // As the server says of addresses from before there was a table.
    await gil.context.route(/\/api\/user\/refresh\//, async (route) => {
      const answer = await route.fetch();
      const body = (await answer.json()) as { user: object };
      await route.fulfill({ response: answer, json: { user: { ...body.user, address_official: false } } });
    });
    await gil.open("/board");
    await gil.sees(ask());
    await look(gil.page, "place-ask", device);
    await gil.press(gil.button(place.later, ask()));
    await gil.misses(ask());
    await gil.at("/board");
    await gil.seesHeading(/역삼동/);

    // Not again during this visit.
    await gil.page.reload();
    await gil.seesHeading(/역삼동/);
    await gil.page.waitForLoadState("networkidle");
    expect(await gil.page.getByRole("dialog").count()).toBe(0);

    // But on the next one.
    gil.page = await gil.context.newPage();
    await gil.open("/board");
    await gil.sees(ask());
    await gil.fill(place.search, "ㄴㅎㄷ");
    await gil.press(option(gil, "논현동 서울특별시 강남구"));
    await gil.misses(ask());
    await gil.seesHeading(/논현동/);
    await gil.sees(place.moved("논현동"));
    expect(await gil.button(place.undo).count()).toBe(0);
  });
}
