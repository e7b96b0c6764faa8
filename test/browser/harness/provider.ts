import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Person } from "./person";

const source = fileURLToPath(new URL("../../provider/", import.meta.url));

/** A provider that others wrote, in which net, five and river have accounts: test/provider. */
export class Provider {
  private constructor(
    readonly folder: string,
    readonly process: ChildProcess,
    readonly issuer: string,
  ) {}

  /** `redirect` is where it leads back to. */
  static async start(redirect: string, ...flags: string[]): Promise<Provider> {
    const folder = mkdtempSync(join(tmpdir(), "mealbuddy-provider-"));
    const program = join(folder, "provider");
    const { status, stderr } = spawnSync("go", ["build", "-o", program, "."], { cwd: source, encoding: "utf8" });
    if (status !== 0) throw new Error(`go build test/provider: ${stderr}`);
    const child = spawn(program, ["-redirect", redirect, ...flags], { stdio: ["pipe", "pipe", "ignore"] });
    const issuer = await new Promise<string>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`the provider ended with ${code}`)));
      createInterface(child.stdout).once("line", resolve);
    });
    return new Provider(folder, child, issuer);
  }

  /** How the program is set up to sign people in there. */
  settings(name: string): Record<string, string> {
    return {
      MEALBUDDY_OIDC_ISSUER: this.issuer,
      MEALBUDDY_OIDC_ID: "mealbuddy",
      MEALBUDDY_OIDC_SECRET: "the+secret/of:mealbuddy",
      MEALBUDDY_OIDC_NAME: name,
    };
  }

  /** Presses a button that leads there, and signs in. */
  async signIn(person: Person, button: string, who: "net" | "five" | "river") {
    person.watch.forgive(/404 .*\/favicon\.ico/); // theirs has no picture
    await person.pressButton(button);
    await person.page.waitForURL((url) => url.pathname === "/login/username");
    await person.page.locator("[name=username]").fill(who);
    await person.page.locator("[name=password]").fill("verysecure");
    await person.press(person.page.getByRole("button", { name: "Login" }));
  }

  async stop() {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = new Promise((resolve) => this.process.once("exit", resolve));
      this.process.kill("SIGKILL");
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
