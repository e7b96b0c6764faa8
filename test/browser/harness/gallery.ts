import type { Locator } from "playwright-core";
import { beforeAll, test } from "vitest";
import { account, landing, place } from "../../../adapter/web/src/words/account";
import { nav, pages } from "../../../adapter/web/src/words/ko";
import { anotherSuggestion, staleWeather, suggestion, weather as someWeather } from "../../../adapter/web/src/features/menu/fixture";
import { chef, weather } from "../../../adapter/web/src/words/menu";
import { board } from "../../../adapter/web/src/words/party";
import { detail, form } from "../../../adapter/web/src/words/post";
import { talk } from "../../../adapter/web/src/words/talk";
import { Api, type Known } from "./api";
import { demo, demoNeighbours, somebody } from "./cast";
import { look, settled } from "./look";
import type { Device, Person, Who } from "./person";
import { askMenus, openMenus, stubMenus, stubWeather } from "./panels";
import { blockPostcode, stubPostcode } from "./postcode";
import { speak, supper } from "./speak";
import { setStage } from "./stage";
import { answered, noScreen } from "./watch";

/** Every screen of the app on one kind of device, with the demo neighbourhood. */
export function gallery(device: Device) {
  const stage = setStage({ demo: true, stay: true });
  const api = new Api(stage.server);
  const posts = new Map<string, { id: number; chat_id: number }>();
  let me: Person;
  let guest: Person;
  let newcomer: Person;
  let known: Map<string, Known>;

  const post = (begin: string) => [...posts].find(([title]) => title.startsWith(begin))![1];
  // Nothing comes from the device: what stands in for the network must be asked.
  const enter = async (who: Who) => {
    const person = await stage.enter(who, device, { reducedMotion: "reduce" });
    await stubWeather(person.context, person.watch);
    return person;
  };

  beforeAll(async () => {
    known = new Map();
    for (const who of [demo, ...demoNeighbours]) known.set(who.username, await api.signIn(who));
    for (let page = 1; page <= 4; page += 1) for (const { title, id, chat_id } of await api.board(known.get("test")!, page)) posts.set(title, { id, chat_id });
    guest = await enter(somebody("손님"));
    me = await enter(demo);
    newcomer = await enter(await api.register(somebody("새이웃", { address: "강원특별자치도 춘천시 효자동" })));
    await Promise.all([me.come(), newcomer.come()]);
  });

  type Shot = {
    name: string;
    who: () => Person;
    path: () => string;
    /** What is there once the screen is. */
    shows: (person: Person) => Locator;
    /** What is done then. */
    then?: (person: Person) => Promise<void>;
    whole?: boolean;
    /** Puts things back. */
    after?: (person: Person) => Promise<void>;
  };

  const heading = (name: string | RegExp) => (p: Person) => p.page.getByRole("heading", { name });
  const text = (words: string | RegExp) => (p: Person) => p.page.getByText(words).filter({ visible: true }).first();
  const button = (name: string) => (p: Person) => p.button(name);
  const asGuest = { who: () => guest };
  const asMe = { who: () => me };
  const kept = (of: () => { id: number }) => () => `/posts/${of().id}`;
  const dialog = (p: Person) => p.page.getByRole("dialog").or(p.page.getByRole("alertdialog"));

  const shots: Shot[] = [
    { name: "landing", ...asGuest, path: () => "/", shows: heading(landing.title[0]!), whole: true },
    { name: "register", ...asGuest, path: () => "/register", shows: button(account.register), whole: true },
    {
      name: "register-wrong", ...asGuest, path: () => "/register", shows: button(account.register), whole: true,
      then: async (p) => {
        await p.fill(account.email, "name");
        await p.fill(account.password, "chicken1");
        await p.pressButton(account.register);
      },
    },
    {
      name: "register-neighbourhood", ...asGuest, path: () => "/register", shows: button(account.register),
      then: async (p) => {
        await p.fill(account.address, "ㅎㄷ");
        await p.sees(p.page.getByRole("option").first());
      },
    },
    {
      name: "register-search", ...asGuest, path: () => "/register", shows: button(account.register),
      then: async (p) => {
        await stubPostcode(p.context, p.watch);
        await p.pressButton(account.addressSearch);
        await p.sees(p.button("강남대로 396"));
      },
    },
    {
      name: "register-search-blocked", ...asGuest, path: () => "/register", shows: button(account.register),
      then: async (p) => {
        await p.context.unrouteAll();
        await blockPostcode(p.context, p.watch);
        await p.pressButton(account.addressSearch);
        await p.sees(account.findFailed);
      },
    },
    { name: "signin", ...asGuest, path: () => "/signin", shows: button(account.signIn) },
    {
      name: "signin-wrong", ...asGuest, path: () => "/signin?next=%2Fme", shows: button(account.signIn),
      then: async (p) => {
        p.watch.forgive(answered(401));
        await p.fill(account.email, "name@example.com");
        await p.fill(account.password, "wrong-one");
        await p.pressButton(account.signIn);
        await p.sees(p.page.getByRole("alert"));
      },
    },
    {
      name: "signin-ended", who: () => guest, path: () => "/register", shows: button(account.register),
      then: async (p) => {
        // As a browser that was signed in until its cookie was taken away.
        p.watch.forgive(answered(401));
        await p.page.evaluate(() => localStorage.setItem("mealbuddy.session", JSON.stringify({ id: 1, username: "손님", address: "서울특별시 강남구 역삼동" })));
        await p.open("/me");
        await p.sees(account.signInEnded.expired);
      },
    },
    {
      name: "register-strength", ...asGuest, path: () => "/register", shows: button(account.register),
      then: async (p) => {
        await p.fill(account.password, "asdfghjk12");
        await p.sees(account.advice.run);
        await p.field(account.password).scrollIntoViewIfNeeded();
      },
    },
    { name: "not-found-guest", ...asGuest, path: () => "/nowhere", shows: heading(pages.lostTitle) },

    { name: "board", ...asMe, path: () => "/board", shows: text("치킨 같이 시켜요, 4명"), then: (p) => p.sees(p.page.getByRole("button", { name: /^날씨 21°/ })) },
    { name: "board-last", ...asMe, path: () => "/board?state=all&page=3", shows: text("갈치조림 중자"), then: async (p) => p.page.getByText("갈치조림 중자").scrollIntoViewIfNeeded() },
    {
      name: "board-move", ...asMe, path: () => "/board", shows: heading(/용담이동/),
      then: async (p) => {
        await p.press(p.page.getByRole("heading", { level: 1 }).getByRole("button"));
        await p.sees(p.page.getByRole("region", { name: place.around("제주시") }));
      },
    },
    { name: "board-category", ...asMe, path: () => `/board?category=${encodeURIComponent("피자")}`, shows: text("치즈 두 배 피자") },
    { name: "board-category-empty", who: () => newcomer, path: () => `/board?category=${encodeURIComponent("카페,디저트")}`, shows: text(board.noneText) },
    { name: "board-empty", who: () => newcomer, path: () => "/board", shows: text(board.freshText) },
    {
      name: "board-loading", who: () => newcomer, path: () => "/me", shows: button(account.signOut),
      then: async (p) => {
        await p.page.route("**/api/post/?*", () => {});
        await p.page.route("**/api/post/", () => {});
        await p.page.evaluate(() => void (location.href = "/board"));
        await p.at("/board");
        await p.sees(p.page.getByRole("navigation", { name: board.states }));
      },
      after: (p) => p.page.unrouteAll(),
    },
    {
      name: "board-failed", who: () => newcomer, path: () => "/me", shows: button(account.signOut),
      then: async (p) => {
        p.watch.forgive(answered(409));
        await p.page.route(/\/api\/post\//, (route) => route.fulfill({ status: 409, contentType: "application/problem+json", body: JSON.stringify({ code: "unavailable", status: 409, detail: "", title: "" }) }));
        await p.open("/board");
        await p.sees("다시 시도");
      },
      after: (p) => p.page.unrouteAll(),
    },
    {
      name: "error", who: () => newcomer, path: () => "/me", shows: button(account.signOut),
      then: async (p) => {
        p.watch.forgive(/^error: TypeError/, /^error: React Router caught/, /^thrown: TypeError/);
        await p.page.route(/\/api\/post\//, (route) => route.fulfill({ json: { posts: [], paginator: null } }));
        await p.open("/board");
        await p.seesHeading(pages.brokenTitle);
      },
      after: (p) => p.page.unrouteAll(),
    },

    {
      name: "weather", ...asMe, path: () => "/board", shows: text("치킨 같이 시켜요, 4명"),
      then: async (p) => {
        await p.press(p.page.getByRole("button", { name: /^날씨 21°/ }));
        await p.sees(p.page.getByRole("img", { name: /비 올 확률/ }));
      },
    },
    {
      name: "weather-table", ...asMe, path: () => "/board", shows: text("치킨 같이 시켜요, 4명"),
      then: async (p) => {
        await stubWeather(p.page, p.watch, staleWeather(40));
        await p.open("/board");
        await p.press(p.page.getByRole("button", { name: /^날씨 21°/ }));
        await p.sees(weather.stale("40분 전"));
        await p.press(p.page.getByText(weather.table));
        await p.sees(p.page.getByRole("table"));
      },
      after: (p) => p.page.unrouteAll(),
    },
    {
      name: "weather-none", who: () => newcomer, path: () => "/board", shows: text(board.freshText),
      then: async (p) => {
        await stubWeather(p.page, p.watch, null);
        await p.open("/board");
        await p.pressButton(weather.title);
        await p.sees(weather.none);
      },
      after: (p) => p.page.unrouteAll(),
    },
    {
      name: "weather-failed", ...asMe, path: () => "/board", shows: text("치킨 같이 시켜요, 4명"),
      then: async (p) => {
        await stubWeather(p.page, p.watch, { status: 503, code: "weather_unavailable" });
        await p.open("/board");
        await p.pressButton(weather.title);
        await p.sees(p.page.getByRole("dialog").getByRole("alert"));
      },
      after: (p) => p.page.unrouteAll(),
    },
    {
      name: "menus", ...asMe, path: () => "/me", shows: button(account.signOut),
      then: async (p) => {
        await stubWeather(p.page, p.watch, someWeather({ precipitation_type: "비" }));
        await stubMenus(p, suggestion(), anotherSuggestion(), { status: 429, code: "menu_quota", after: 5 * 3600 });
        await p.open("/board");
        await askMenus(p);
        await p.sees(chef.remaining(9));
      },
    },
    {
      name: "menus-asked", ...asMe, path: () => "/board", shows: button(nav.menus),
      then: async (p) => {
        await openMenus(p);
        await p.fill(chef.ask, "안 매운 국물로, 고기는 빼고");
        await p.pressButton(chef.send);
        await p.sees(chef.remaining(8));
      },
    },
    {
      name: "menus-quota", ...asMe, path: () => "/board", shows: button(nav.menus),
      then: async (p) => {
        await openMenus(p);
        await p.pressButton(chef.again);
        await p.sees(p.page.getByRole("dialog").getByRole("alert"));
      },
    },
    {
      name: "menus-waiting", ...asMe, path: () => "/board", shows: button(nav.menus),
      then: async (p) => {
        await p.page.unroute(/\/api\/openAPI\/foodchoicer\//);
        await stubMenus(p, null);
        await openMenus(p);
        await p.pressButton(chef.again);
        await p.sees(p.button(chef.stop));
      },
    },
    {
      name: "menus-start", ...asMe, path: () => "/board", shows: button(nav.menus),
      then: async (p) => {
        await openMenus(p);
        await p.pressButton(chef.forget);
        await p.sees(chef.introText);
      },
      after: (p) => p.page.unrouteAll(),
    },

    { name: "write", ...asMe, path: () => "/posts/new", shows: button(form.submit), whole: true },
    { name: "write-wrong", ...asMe, path: () => "/posts/new", shows: button(form.submit), then: (p) => p.pressButton(form.submit), whole: true },
    { name: "edit", ...asMe, path: () => `/posts/${post("부대찌개").id}/edit`, shows: button(form.save), whole: true },
    {
      name: "edit-leave", ...asMe, path: () => `/posts/${post("부대찌개").id}/edit`, shows: button(form.save),
      then: async (p) => {
        await p.fill(form.title, "부대찌개 대자");
        await p.pressLink("뒤로");
        await p.sees(dialog(p));
      },
      after: async (p) => {
        await p.pressButton(form.leave);
        await p.misses(dialog(p));
      },
    },
    { name: "edit-not-mine", ...asMe, path: () => `/posts/${post("치킨 같이").id}/edit`, shows: text(form.notMine) },
    { name: "detail-stranger", ...asMe, path: kept(() => post("닭갈비")), shows: button(detail.join) },
    { name: "detail-member", ...asMe, path: kept(() => post("치킨 같이")), shows: (p) => p.link(detail.enter) },
    { name: "detail-writer", ...asMe, path: kept(() => post("부대찌개")), shows: button(detail.menu) },
    {
      name: "detail-menu", ...asMe, path: kept(() => post("부대찌개")), shows: button(detail.menu),
      then: async (p) => {
        await p.pressButton(detail.menu);
        await p.sees(p.page.getByRole("menu"));
      },
    },
    {
      name: "detail-delete", ...asMe, path: kept(() => post("부대찌개")), shows: button(detail.menu),
      then: async (p) => {
        await p.pressButton(detail.menu);
        await p.press(p.page.getByRole("menuitem", { name: detail.remove }));
        await p.sees(dialog(p));
      },
    },
    { name: "detail-full", ...asMe, path: kept(() => post("도넛")), shows: text(detail.ended) },
    { name: "detail-closed", ...asMe, path: kept(() => post("갈치조림")), shows: text(detail.ended) },
    { name: "detail-far", who: () => newcomer, path: kept(() => post("닭갈비")), shows: text(detail.farTitle) },
    { name: "detail-gone", ...asMe, path: () => "/posts/99999", shows: text(detail.gone) },

    {
      name: "chat", ...asMe, path: () => `/rooms/${post("부대찌개").chat_id}`, shows: text("네, 따로 담아 둘게요 :)"),
      then: async (p) => {
        const room = post("부대찌개").chat_id;
        await supper(p, room, known.get("야식단장")!, known.get("서연")!);
        await speak(p.page, known.get("야식단장")!, room, ["가게는 여기예요 https://example.com/menu/12"]);
        await p.sees(/가게는 여기예요/);
      },
    },
    {
      name: "chat-unread", ...asMe, path: () => "/board", shows: text("치킨 같이 시켜요, 4명"),
      then: async (p) => {
        const room = post("부대찌개").chat_id;
        const lines = Array.from({ length: 14 }, (_, n) => `${n + 1}번 출구 앞이에요`);
        await speak(p.page, known.get("서연")!, room, lines);
        await p.open(`/rooms/${room}`);
        await p.sees(talk.unread);
      },
    },
    {
      name: "chat-members", ...asMe, path: () => `/rooms/${post("부대찌개").chat_id}`, shows: button(talk.members(3)),
      then: async (p) => {
        await p.pressButton(talk.members(3));
        await p.sees(p.button(talk.delete));
        await p.sees(p.button(talk.kickName("서연")));
      },
    },
    {
      name: "chat-members-guest", ...asMe, path: () => `/rooms/${post("치킨 같이").chat_id}`, shows: button(talk.members(3)),
      then: async (p) => {
        await p.pressButton(talk.members(3));
        await p.sees(p.button(talk.leave));
        await p.sees(p.page.getByRole("listitem").filter({ hasText: "민지" }));
      },
    },
    {
      name: "chat-kick", ...asMe, path: () => `/rooms/${post("부대찌개").chat_id}`, shows: button(talk.members(3)),
      then: async (p) => {
        await p.pressButton(talk.members(3));
        await p.pressButton(talk.kickName("서연"));
        await p.sees(p.page.getByRole("alertdialog"));
      },
    },
    {
      name: "chat-offline", ...asMe, path: () => `/rooms/${post("치킨 같이").chat_id}`, shows: text("좋아요!"),
      then: async (p) => {
        p.watch.forgive(/ERR_INTERNET_DISCONNECTED/, /^error: WebSocket/);
        await settled(p.page);
        await p.context.setOffline(true);
        await p.sees("인터넷 연결이 끊겼어요.");
        await p.types("저는 간장으로 부탁드려요");
        await p.sees(p.page.getByRole("log").getByText("저는 간장으로 부탁드려요"));
      },
      after: (p) => p.context.setOffline(false),
    },
    { name: "chat-stranger", who: () => newcomer, path: () => `/rooms/${post("닭갈비").chat_id}`, shows: text(talk.gone.stranger.title) },
    { name: "chat-missing", ...asMe, path: () => "/rooms/99999", shows: text(talk.gone.missing.title) },

    { name: "profile", ...asMe, path: () => "/me", shows: button(account.signOut), whole: true },
    { name: "devices", ...asMe, path: () => "/me/devices", shows: button(account.devices.endAll), whole: true },
    {
      name: "devices-end", ...asMe, path: () => "/me/devices", shows: button(account.devices.endAll),
      then: async (p) => {
        await p.press(p.page.getByRole("listitem").getByRole("button").first());
        await p.sees(dialog(p));
      },
    },
    {
      name: "devices-failed", ...asMe, path: () => "/me", shows: button(account.signOut),
      then: async (p) => {
        p.watch.forgive(answered(409));
        await p.page.route(/\/api\/user\/sessions\/$/, (route) => route.fulfill({ status: 409, contentType: "application/problem+json", body: JSON.stringify({ code: "unavailable", status: 409, detail: "", title: "" }) }));
        await p.pressLink(account.devices.title);
        await p.sees("다시 시도");
      },
      after: (p) => p.page.unrouteAll(),
    },
    { name: "password", ...asMe, path: () => "/me/password", shows: button(account.change) },
    {
      name: "password-wrong", ...asMe, path: () => "/me/password", shows: button(account.change),
      then: async (p) => {
        await p.fill(account.newPassword, "bap-meokja");
        await p.pressButton(account.change);
      },
    },
    { name: "withdraw", ...asMe, path: () => "/me/withdraw", shows: button(account.withdrawGo) },
    {
      name: "withdraw-sure", ...asMe, path: () => "/me/withdraw", shows: button(account.withdrawGo),
      then: async (p) => {
        await p.fill(account.withdrawPassword, "password123");
        await p.pressButton(account.withdrawGo);
        await p.sees(p.page.getByRole("alertdialog"));
      },
    },
    { name: "not-found", ...asMe, path: () => "/nowhere", shows: heading(pages.lostTitle) },
    {
      name: "toast", ...asMe, path: kept(() => post("부대찌개")), shows: button(detail.menu),
      then: async (p) => {
        await p.pressButton(detail.menu);
        await p.press(p.page.getByRole("menuitem", { name: detail.close }));
        await p.sees(detail.closedNow);
      },
    },
  ];

  for (const { name, who, path, shows, then, whole, after } of shots) {
    test(`${name} on a ${device}`, async () => {
      const person = who();
      if (/^(detail-gone|chat-stranger|chat-missing)$/.test(name)) person.watch.forgive(answered(404), answered(403));
      if (name.startsWith("not-found")) person.watch.forgive(noScreen("/nowhere"));
      await person.open(path());
      await shows(person).waitFor();
      try {
        await then?.(person);
        await look(person.page, name, device, { ...(whole && { whole }) });
      } finally {
        await after?.(person);
      }
    });
  }
}
