import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions } from "playwright-core";

const names = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The browser of this machine. */
export function findChromium(): string {
  const chosen = process.env["MEALBUDDY_CHROMIUM"];
  if (chosen) {
    if (!runs(chosen)) throw new Error(`MEALBUDDY_CHROMIUM names ${chosen}, which is no program that can be run.`);
    return chosen;
  }
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find(runs);
  if (!found) throw new Error(`The browser tests need Chromium: none of ${names.join(", ")} is on the PATH. Install it (Debian: apt-get install chromium), or name one with MEALBUDDY_CHROMIUM.`);
  return found;
}

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const options = () => ({
  executablePath: findChromium(),
  headless: true,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    // There is nothing that a process of its own would be quicker with.
    "--in-process-gpu",
    "--num-raster-threads=1",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // Whatever is asked for elsewhere is not found, unless a test stands in for it.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
  ],
});

export function launch(): Promise<Browser> {
  return chromium.launch(options());
}

/** A browser of one person, that remembers in a folder what browsers remember. Closing it closes the browser. */
export function launchIn(folder: string, context: BrowserContextOptions): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, { ...options(), ...context });
}

/** Kills the browser of a folder in the middle of whatever it does. */
export function killIn(folder: string) {
  const { stdout } = spawnSync("ps", ["-eo", "pid,args"], { encoding: "utf8" });
  const pids = stdout.split("\n").filter((line) => line.includes(`--user-data-dir=${folder}`)).map((line) => Number.parseInt(line));
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It went with the one before.
    }
  }
}
