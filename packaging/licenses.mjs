// Gathers the notices of everything that is in the program and in the app, into
// adapter/web/public/licenses.txt, which the program serves as /licenses.txt.
//
//   node packaging/licenses.mjs [--check]
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const web = join(root, "adapter/web");
const output = join(web, "public/licenses.txt");
const systems = ["linux", "darwin", "windows"]; // what `make release` builds for

const go = (args, env = {}) => execFileSync("go", args, { cwd: root, encoding: "utf8", env: { ...process.env, CGO_ENABLED: "0", ...env } }).trim();

/** The modules that packages of the program are from, and Go itself. */
function modules() {
  const found = new Map([["go", { name: "Go", folder: go(["env", "GOROOT"]) }]]);
  const format = "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}";
  for (const system of systems) {
    const lines = go(["list", "-deps", "-tags", "timetzdata", "-f", format, "./cmd/mealbuddy"], { GOOS: system, GOARCH: "amd64" }).split("\n");
    for (const [path, version, folder] of lines.filter(Boolean).map((line) => line.split("\t"))) found.set(path, { name: `${path} ${version}`, folder });
  }
  return [...found.values()];
}

/** What the app depends on, down to the last package. */
function packages() {
  const { packages: locked } = JSON.parse(readFileSync(join(web, "package-lock.json"), "utf8"));
  return Object.entries(locked)
    .filter(([path, { dev, optional, peer }]) => path && !dev && !optional && !peer && existsSync(join(web, path)))
    .map(([path, { version }]) => ({ name: `${path.replace(/^.*node_modules\//, "")} ${version}`, folder: join(web, path) }));
}

/** The licence and the notices in a folder, as they stand. Without any, what its package.json says. */
function notices(folder) {
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice|patents)([.-].*)?$/i.test(file) && !/\.(js|ts|go)$/i.test(file));
  const texts = files.sort().map((file) => readFileSync(join(folder, file), "utf8").replace(/\r\n/g, "\n").trim());
  if (texts.length > 0) return texts.join("\n\n");
  const about = join(folder, "package.json");
  const { license } = existsSync(about) ? JSON.parse(readFileSync(about, "utf8")) : {};
  if (!license) throw new Error(`${folder} has no licence`);
  return `Licence: ${license}`;
}

const byText = new Map();
for (const { name, folder } of [...modules(), ...packages()]) {
  const text = notices(folder);
  byText.set(text, [...(byText.get(text) ?? []), name]);
}
const parts = [...byText].map(([text, names]) => ({ names: [...new Set(names)].sort(), text }));
parts.sort((a, b) => (a.names[0] < b.names[0] ? -1 : 1));
const line = "=".repeat(80);
const all = `MealBuddy is licensed under the Apache License 2.0. It contains the following.\n\n${parts
  .map(({ names, text }) => `${line}\n${names.join("\n")}\n${line}\n\n${text}\n`)
  .join("\n")}`;

if (!process.argv.includes("--check")) writeFileSync(output, all);
else if (!existsSync(output) || readFileSync(output, "utf8") !== all) {
  console.error("adapter/web/public/licenses.txt is not up to date: run node packaging/licenses.mjs");
  process.exit(1);
}
