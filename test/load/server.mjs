import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const binary = process.env.MEALBUDDY_BINARY ?? fileURLToPath(new URL("../../bin/mealbuddy", import.meta.url));

/** Starts the built program with the neighbourhood of `mealbuddy demo`, in a folder that goes when it stops. */
export async function serve() {
  if (!existsSync(binary)) throw new Error(`There is no program at ${binary}: run make build, or set MEALBUDDY_BINARY.`);
  const data = mkdtempSync(join(tmpdir(), "mealbuddy-bench-"));
  const env = { PATH: process.env.PATH, MEALBUDDY_DATA: data, MEALBUDDY_ADDR: "127.0.0.1:0", MEALBUDDY_LOG_LEVEL: "info" };
  const demo = spawnSync(binary, ["demo"], { env, encoding: "utf8" });
  if (demo.status !== 0) throw new Error(`mealbuddy demo: ${demo.stderr}`);

  const child = spawn(binary, { env, stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const url = await new Promise((resolve, reject) => {
    const said = [];
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`mealbuddy ended with ${code}:\n${said.join("\n")}`)));
    createInterface(child.stderr).on("line", (line) => {
      said.push(line);
      if (line.includes('"msg":"serving"')) resolve(`http://${JSON.parse(line).addr}`);
    });
  });
  return {
    url,
    async stop() {
      child.kill();
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}
