import type { BrowserContext, Page } from "playwright-core";
import { suggestion, weather } from "../../../adapter/web/src/features/menu/fixture";
import type { components } from "../../../adapter/web/src/api/schema";
import { chef } from "../../../adapter/web/src/words/menu";
import { nav } from "../../../adapter/web/src/words/ko";
import type { Person } from "./person";
import { answered, type Watch } from "./watch";

type Suggestion = components["schemas"]["Suggestion"];
type Weather = components["schemas"]["Weather"];
type Refused = { status: number; code: string; after?: number };

const problem = ({ status, code, after }: Refused) => ({
  status,
  contentType: "application/problem+json",
  headers: after === undefined ? {} : { "Retry-After": String(after) },
  body: JSON.stringify({ type: "about:blank", title: "", status, detail: "지금은 날씨를 알 수 없어요. 잠시 후 다시 시도해 주세요.", code, request_id: "test" }),
});

const isRefused = (answer: object): answer is Refused => "code" in answer;

/** Stands in for the weather, which else comes from elsewhere and is another one each day. null: this server has none. */
export async function stubWeather(where: BrowserContext | Page, watch: Watch, answer: Weather | Refused | null = weather()) {
  await where.route(/\/api\/openAPI\/$/, (route) => route.fulfill({ json: { weather: answer !== null } }));
  if (answer === null) return;
  if (isRefused(answer)) watch.forgive(answered(answer.status));
  await where.route(/\/api\/openAPI\/weather\//, (route) => route.fulfill(isRefused(answer) ? problem(answer) : { json: answer }));
}

/** Stands in for the menus, answer by answer; the last one stays. null: no answer comes. */
export async function stubMenus(person: Person, ...answers: (Suggestion | Refused | null)[]) {
  if (answers.length === 0) answers = [suggestion()];
  for (const answer of answers) if (answer && isRefused(answer)) person.watch.forgive(answered(answer.status));
  await person.page.route(/\/api\/openAPI\/foodchoicer\//, async (route) => {
    if (route.request().method() === "DELETE") return route.fulfill({ status: 204 });
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
    if (answer) await route.fulfill(isRefused(answer) ? problem(answer) : { json: answer });
  });
}

/** Opens the menu assistant from the bar above the board. */
export async function openMenus(person: Person) {
  await person.pressButton(nav.menus);
  await person.sees(person.page.getByRole("dialog", { name: chef.title }));
}

/** Opens it, and asks for the first menus. */
export async function askMenus(person: Person) {
  await openMenus(person);
  await person.pressButton(chef.start);
}
