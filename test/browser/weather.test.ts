import { expect, test } from "vitest";
import { chef, weather } from "../../adapter/web/src/words/menu";
import { Api } from "./harness/api";
import { somebody } from "./harness/cast";
import { look } from "./harness/look";
import { askMenus } from "./harness/panels";
import type { Person } from "./harness/person";
import { setStage } from "./harness/stage";
import { answered } from "./harness/watch";

// The server asks for the weather, and a language model for menus; both are stood in for.
const stage = setStage({ outside: true, story: true });
const api = new Api(stage.server);
let hana: Person;

const chip = (person: Person) => person.page.getByRole("button", { name: new RegExp(`^${weather.title} -?\\d+°`) });
const sheet = (person: Person) => person.page.getByRole("dialog", { name: weather.title });

test("the bar shows the weather of one's neighbourhood, and more of it when pressed", async () => {
  hana = await stage.enter(await api.register(somebody("하나")), "phone");
  await hana.come();
  await hana.sees(chip(hana));
  await hana.press(chip(hana));
  await hana.sees(sheet(hana).getByText(hana.who.address));
  await hana.sees(sheet(hana).getByRole("img", { name: /기온은/ }));
  await hana.press(sheet(hana).getByText(weather.table));
  expect(await sheet(hana).getByRole("row").count()).toBe(13);
  await look(hana.page, "weather-real", "phone");
});

test("it is that of where one is, once one says so", async () => {
  await hana.context.grantPermissions(["geolocation"]);
  await hana.context.setGeolocation({ latitude: 35.1028, longitude: 129.0327 });
  await hana.pressButton(weather.useHere);
  await hana.sees(hana.button(weather.useHome));
  await hana.misses(sheet(hana).getByText(hana.who.address));
  await hana.pressButton(weather.useHome);
  await hana.sees(sheet(hana).getByText(hana.who.address));
});

test("leads to menus that a model chose for it", async () => {
  await hana.pressButton(weather.menus);
  await hana.pressButton(chef.start);
  await hana.sees(chef.remaining(9));
  await hana.sees(new RegExp(chef.sources.openai));
  await hana.page.keyboard.press("Escape");
});

test("says when the weather cannot be had, and menus come from the table", async () => {
  await stage.stubs!.kill();
  const sora = await stage.enter(await api.register(somebody("소라", { address: "강원특별자치도 춘천시 효자동" })), "desktop");
  sora.watch.forgive(answered(503));
  await sora.come();
  await sora.pressButton(weather.title);
  await sora.sees(sheet(sora).getByRole("alert"));
  await look(sora.page, "weather-real-failed", "desktop");
  await sora.page.keyboard.press("Escape");
  await askMenus(sora);
  await sora.sees(chef.remaining(9));
  await sora.sees(chef.sources.pantry);
});
