import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const built = process.env["MEALBUDDY_BINARY"] ?? fileURLToPath(new URL("../../../bin/mealbuddy", import.meta.url));

/** The built program, with a data folder that lives as long as this object. */
export class Server {
  #data = mkdtempSync(join(tmpdir(), "mealbuddy-browser-"));
  #process: ChildProcess | null = null;
  #address = "127.0.0.1:0";
  readonly log: string[] = [];

  /** `settings`: variables besides those that every test needs. */
  constructor(
    readonly settings: Record<string, string> = {},
    readonly binary = built,
  ) {}

  /** Fills the data folder with the neighbourhood of `mealbuddy demo`. Before `start`. */
  fill() {
    const { status, stderr } = spawnSync(this.binary, ["demo"], { env: this.#env(), encoding: "utf8" });
    if (status !== 0) throw new Error(`mealbuddy demo: ${stderr}`);
  }

  /** Starts; a second time on the same address and data. */
  async start() {
    if (!existsSync(this.binary)) throw new Error(`There is no program at ${this.binary}: run make build, or set MEALBUDDY_BINARY.`);
    const child = spawn(this.binary, { env: this.#env(), stdio: ["ignore", "ignore", "pipe"] });
    this.#process = child;
    await new Promise<void>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`mealbuddy ended with ${code}:\n${this.log.join("\n")}`)));
      createInterface(child.stderr).on("line", (line) => {
        this.log.push(line);
        const entry = parse(line);
        if (entry?.msg !== "serving" || !entry.addr) return;
        this.#address = entry.addr;
        resolve();
      });
    });
  }

  get url(): string {
    return `http://${this.#address}`;
  }

  get port(): number {
    return Number(this.#address.split(":").at(-1));
  }

  /** Ends it in the middle of whatever it does. */
  async kill() {
    await this.#end("SIGKILL");
  }

  async stop() {
    await this.#end("SIGTERM");
    rmSync(this.#data, { recursive: true, force: true });
  }

  /** What it called an error itself. */
  get errors(): string[] {
    return this.log.filter((line) => parse(line)?.level === "ERROR" || !line.startsWith("{"));
  }

  async #end(signal: NodeJS.Signals) {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }

  #env(): NodeJS.ProcessEnv {
    return {
      PATH: process.env["PATH"],
      MEALBUDDY_ADDR: this.#address,
      MEALBUDDY_DATA: this.#data,
      // As cheap as is allowed.
      MEALBUDDY_PASSWORD_MEMORY: "19456",
      MEALBUDDY_PASSWORD_TIME: "2",
      MEALBUDDY_LIMITS: "off",
      ...this.settings,
    };
  }
}

function parse(line: string): { level?: string; msg?: string; addr?: string } | null {
  try {
    return JSON.parse(line) as { level?: string; msg?: string; addr?: string };
  } catch {
    return null;
  }
}
