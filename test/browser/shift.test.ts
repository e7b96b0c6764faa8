import { expect, test } from "vitest";
import { form } from "../../adapter/web/src/words/post";
import { Api } from "./harness/api";
import { demo } from "./harness/cast";
import type { Device, Person } from "./harness/person";
import { setStage } from "./harness/stage";

// What one is about to touch does not move away while the page loads.
const stage = setStage({ demo: true });
const api = new Api(stage.server);

type Shift = { value: number; sources: string[] };

for (const device of ["phone", "desktop"] satisfies Device[]) {
  test(`nothing moves on a ${device} while a screen loads for the first time`, async () => {
    const board = await api.board(await api.signIn(demo));
    const joined = board.find(({ title }) => title.startsWith("치킨 같이"))!;
    const person = await stage.enter(demo, device);
    await person.come("/me");
    for (const late of [false, true]) {
      if (late) {
        // The answers come after everything else, even the letters.
        await person.context.route("**/api/**", async (route) => {
          await person.page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0 && document.fonts.status === "loaded" && [...document.fonts].some((font) => font.status === "loaded"));
          await route.continue();
        });
      }
      for (const [path, there] of [
        ["/board", (p: Person) => p.link(joined.title)],
        [`/posts/${joined.id}`, (p: Person) => p.page.getByRole("heading", { name: joined.title })],
        [`/rooms/${joined.chat_id}`, (p: Person) => p.page.getByRole("log").getByText("좋아요!")],
        ["/posts/new", (p: Person) => p.button(form.submit)],
      ] as const) {
        await person.open(path);
        await person.sees(there(person));
        await person.page.waitForLoadState("networkidle");
        await person.page.evaluate(() => document.fonts.ready.then(() => {}));
        const shifts = await person.page.evaluate(() => (window as unknown as { shifts: Shift[] }).shifts);
        const sum = shifts.reduce((all, { value }) => all + value, 0);
        expect.soft(sum, `${path}, answers ${late ? "late" : "at once"}: ${JSON.stringify(shifts, null, 1)}`).toBeLessThanOrEqual(0.02);
      }
    }
  });
}
