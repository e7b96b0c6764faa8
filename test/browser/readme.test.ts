import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { weather } from "../../adapter/web/src/words/menu";
import { Api } from "./harness/api";
import { demo, demoNeighbours } from "./harness/cast";
import { settled } from "./harness/look";
import { supper } from "./harness/speak";
import { setStage } from "./harness/stage";

// MEALBUDDY_README_PICTURES=1 draws the pictures of the README anew, into readme/.
const stage = setStage({ demo: true, outside: true });
const api = new Api(stage.server);
const folder = fileURLToPath(new URL("readme/", import.meta.url));

/** The weather, once it is known. */
const warm = new RegExp(`^${weather.title} -?\\d+°`);

/** Somewhere it is suppertime. */
function suppertime(): string {
  const east = (24 + 18 - new Date().getUTCHours()) % 24;
  return east <= 12 ? `Etc/GMT-${east}` : `Etc/GMT+${24 - east}`;
}

test.runIf(process.env["MEALBUDDY_README_PICTURES"])("the pictures of the README", async () => {
  mkdirSync(folder, { recursive: true });
  const stew = (await api.board(await api.signIn(demo))).find(({ title }) => title.startsWith("부대찌개"))!;
  const [one, other] = await Promise.all(demoNeighbours.map((who) => api.signIn(who)));
  const phone = await stage.enter(demo, "phone", { reducedMotion: "reduce", deviceScaleFactor: 2, timezoneId: suppertime() });
  const desktop = await stage.enter(demo, "desktop", { reducedMotion: "reduce" });
  const keep = async ({ page }: typeof phone, name: string) => {
    await settled(page);
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    const picture = await page.screenshot({ path: `${folder}${name}.png`, animations: "disabled" });
    expect(picture.length, name).toBeLessThan(150_000);
  };
  await phone.come("/board");
  await phone.sees(phone.page.getByRole("listitem").first());
  await phone.sees(phone.page.getByRole("button", { name: warm }));
  await keep(phone, "phone-board");
  await phone.open(`/rooms/${stew.chat_id}`);
  await supper(phone, stew.chat_id, one!, other!);
  await keep(phone, "phone-chat");
  await desktop.come("/board");
  await desktop.sees(desktop.page.getByRole("listitem").first());
  await desktop.sees(desktop.page.getByRole("button", { name: warm }));
  await keep(desktop, "desktop-board");
});
