import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { launch } from "./browser";
import { Person, type Device, type Who } from "./person";
import { Server } from "./server";
import { Stubs } from "./stubs";
import { Watch } from "./watch";

export const output = fileURLToPath(new URL("../../output/", import.meta.url));

const screens: Record<Device, BrowserContextOptions> = {
  phone: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
  desktop: { viewport: { width: 1280, height: 800 } },
};

type Options = {
  /** Fill the server with the demo neighbourhood. */
  demo?: boolean;
  /** The server asks the services of others, which `make stubs` stands in for. */
  outside?: boolean;
  /** People stay from one test to the next. */
  stay?: boolean;
  /** The tests of the file are one story: people stay, and what follows a failure is left out. */
  story?: boolean;
};

type Entering = BrowserContextOptions & {
  /** Where the browser finds the server, if not straight. */
  url?: string;
  /** The app settles on the device, as it does at home. It takes its time, so only those who go on without a network get it. */
  settles?: boolean;
};

/** A server, and a browser for people to enter. For one file. */
export class Stage {
  readonly server = new Server();
  /** What stands in for the services of others, where the server knows any. */
  stubs: Stubs | null = null;
  people: Person[] = [];
  #browser: Browser | null = null;

  async open(demo: boolean, outside: boolean) {
    if (outside) {
      this.stubs = await Stubs.start();
      Object.assign(this.server.settings, this.stubs.settings);
    }
    if (demo) this.server.fill();
    const [browser] = await Promise.all([launch(), this.server.start()]);
    this.#browser = browser;
  }

  async enter(who: Who, device: Device, { url = this.server.url, settles = false, ...options }: Entering = {}): Promise<Person> {
    const serviceWorkers = settles ? "allow" : "block";
    const context = await this.#browser!.newContext({ baseURL: url, locale: "ko-KR", timezoneId: "Asia/Seoul", serviceWorkers, ...screens[device], ...options });
    context.setDefaultTimeout(15_000);
    const watch = await Watch.over(context, `${who.username} (${device})`);
    if (!settles) watch.forgive(/^warning: Service Worker registration blocked/);
    // Who leaves a room at once does so while its socket still connects.
    watch.forgive(/^warning: WebSocket .* WebSocket is closed before the connection is established/);
    const person = new Person(who, device, context, await context.newPage(), watch);
    this.people.push(person);
    return person;
  }

  /** Fails if anything was complained of since the last time. */
  judge() {
    const complaints = this.people.flatMap(({ watch }) => watch.complaints.splice(0));
    const errors = this.server.errors;
    this.server.log.length = 0;
    expect(complaints.concat(errors)).toEqual([]);
  }

  async leave() {
    await Promise.all(this.people.splice(0).map(({ context }) => context.close()));
  }

  async close() {
    await this.leave();
    await this.#browser?.close();
    await this.server.stop();
    await this.stubs?.kill();
  }

  /** Keeps what everybody sees, for who looks for the reason of a failure. */
  async picture(test: string) {
    mkdirSync(`${output}failures`, { recursive: true });
    const pages = this.people.flatMap(({ name, device, context }) => context.pages().map((page, n) => ({ page, name: `${name}-${device}-${n}` })));
    await Promise.all(
      pages.map(({ page, name }) => page.screenshot({ path: `${output}failures/${`${test} ${name}`.replace(/[^\p{L}\p{N}]+/gu, "-")}.png`, timeout: 5000 }).catch(() => {})),
    );
  }
}

/** Sets the stage for the tests of a file. */
export function setStage({ demo = false, outside = false, story = false, stay = story }: Options = {}): Stage {
  const stage = new Stage();
  let broken = false;
  beforeAll(() => stage.open(demo, outside));
  beforeEach(({ skip }) => skip(broken, "the story broke off before"));
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") {
      broken = story;
      await stage.picture(task.name);
    }
    try {
      stage.judge();
    } finally {
      if (!stay) await stage.leave();
    }
  });
  afterAll(() => stage.close());
  return stage;
}
