import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** What `make stubs` starts: the services of others, on this machine. */
export class Stubs {
  private constructor(
    readonly folder: string,
    readonly process: ChildProcess,
    /** Where the program finds them. */
    readonly settings: Record<string, string>,
  ) {}

  static async start(): Promise<Stubs> {
    const folder = mkdtempSync(join(tmpdir(), "mealbuddy-stubs-"));
    const program = join(folder, "stub");
    const { status, stderr } = spawnSync("go", ["build", "-o", program, "./test/stub"], { cwd: root, encoding: "utf8" });
    if (status !== 0) throw new Error(`go build ./test/stub: ${stderr}`);
    const child = spawn(program, { stdio: ["ignore", "pipe", "ignore"] });
    const settings: Record<string, string> = {};
    await new Promise<void>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`the stubs ended with ${code}`)));
      createInterface(child.stdout).on("line", (line) => {
        for (const [, name, value] of line.matchAll(/(MEALBUDDY_\w+)=(\S+)/g)) settings[name!] = value!;
        if (line.startsWith("#")) resolve();
      });
    });
    return new Stubs(folder, child, settings);
  }

  /** From here on nobody answers. */
  async kill() {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = new Promise((resolve) => this.process.once("exit", resolve));
      this.process.kill("SIGKILL");
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
