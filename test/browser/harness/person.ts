import type { BrowserContext, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { account, landing } from "../../../adapter/web/src/words/account";
import { talk } from "../../../adapter/web/src/words/talk";
import type { Watch } from "./watch";

export type Device = "phone" | "desktop";

export type Who = { email: string; username: string; password: string; address: string };

/** Somebody with a browser of their own. */
export class Person {
  constructor(
    readonly who: Who,
    readonly device: Device,
    readonly context: BrowserContext,
    public page: Page,
    readonly watch: Watch,
  ) {}

  get name(): string {
    return this.who.username;
  }

  /** Opens an address of the app, as if it was typed. */
  async open(path: string) {
    await this.page.goto(path);
  }

  /** Where one is: path and search. */
  get place(): string {
    const { pathname, search } = new URL(this.page.url());
    return pathname + search;
  }

  /** Waits until one has come to a path. */
  async at(path: string | RegExp) {
    await this.page.waitForURL((url) => (typeof path === "string" ? url.pathname + url.search === path : path.test(url.pathname + url.search)));
  }

  /** Waits until a sentence, or what is meant, can be seen. */
  async sees(what: string | RegExp | Locator) {
    await this.#locate(what).waitFor({ state: "visible" });
  }

  /** Waits until it cannot be seen. */
  async misses(what: string | RegExp | Locator) {
    await this.#locate(what).waitFor({ state: "hidden" });
  }

  /** Waits for the heading of the whole screen. */
  async seesHeading(name: string | RegExp) {
    await this.sees(this.page.getByRole("heading", { level: 1, name, ...(typeof name === "string" && { exact: true }) }));
  }

  /** Presses as the device does: with a finger, or with the mouse. */
  async press(what: Locator) {
    if (this.device === "phone") await what.tap();
    else await what.click();
  }

  button(name: string, within: Page | Locator = this.page): Locator {
    return within.getByRole("button", { name, exact: true });
  }

  link(name: string, within: Page | Locator = this.page): Locator {
    return within.getByRole("link", { name, exact: true });
  }

  /** A link or a button: what looks the same is pressed the same. */
  async pressButton(name: string) {
    await this.press(this.button(name));
  }

  async pressLink(name: string) {
    await this.press(this.link(name));
  }

  field(label: string): Locator {
    return this.page.getByLabel(label, { exact: true });
  }

  async fill(label: string, text: string) {
    await this.field(label).fill(text);
  }

  /** Nothing lies over it, and it is within the window. */
  async canSee(what: Locator) {
    await expect
      .poll(() =>
        what.evaluate((element) => {
          const { x, y, width, height } = element.getBoundingClientRect();
          const there = document.elementFromPoint(x + width / 2, y + height / 2);
          return there !== null && (element.contains(there) || there.contains(element)) && y >= 0 && y + height <= innerHeight;
        }),
      )
      .toBe(true);
  }

  /** What is said to be wrong with a field. */
  async reads(label: string, error: string) {
    const id = await this.field(label).and(this.page.locator('[aria-invalid="true"]')).getAttribute("aria-describedby");
    await this.sees(this.page.locator(`[id="${id}"]`, { hasText: error }));
  }

  async signIn(password = this.who.password) {
    await this.fill(account.email, this.who.email);
    await this.fill(account.password, password);
    // Not by a press: the next one may be on the same spot sooner than a person's could, which the app takes for a double tap.
    await this.field(account.password).press("Enter");
  }

  /** Signs in from anywhere, and goes to a path. */
  async come(path = "/board") {
    await this.open(`/signin?next=${encodeURIComponent(path)}`);
    await this.signIn();
    await this.at(path);
  }

  /** Becomes a member from the first page on, by typing. */
  async signUp() {
    await this.open("/");
    await this.press(this.link(landing.cta).first());
    await this.fill(account.email, this.who.email);
    await this.fill(account.username, this.who.username);
    await this.fill(account.password, this.who.password);
    await this.fill(account.address, this.who.address);
    await this.pressButton(account.register);
    await this.at("/board");
  }

  // In a chat room.

  get composer(): Locator {
    return this.page.getByRole("textbox", { name: talk.write });
  }

  /** Says something the way the device does, and waits until the room has said it back. */
  async says(text: string) {
    await this.types(text);
    await this.hears(text);
    await this.page.getByRole("img", { name: talk.sending }).first().waitFor({ state: "detached" });
  }

  /** Says something, whether it arrives or not. */
  async types(text: string) {
    await this.composer.fill(text);
    if (this.device === "phone") await this.pressButton(talk.send);
    else await this.composer.press("Enter");
  }

  async hears(text: string) {
    await this.sees(this.page.getByRole("log").getByText(text, { exact: true }));
  }

  /** What was said, from top to bottom. */
  async talk(): Promise<string[]> {
    return this.page.getByRole("log").locator("p").allInnerTexts();
  }

  /** Does something in a dialog, and waits until that is closed. */
  async confirm(title: string, button: string) {
    const question = this.page.getByRole("alertdialog", { name: title });
    await this.press(this.button(button, question));
    await question.waitFor({ state: "detached" });
  }

  #locate(what: string | RegExp | Locator): Locator {
    return typeof what === "string" || what instanceof RegExp ? this.page.getByText(what).filter({ visible: true }).first() : what;
  }
}
