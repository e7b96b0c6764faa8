// Measures the app in the built program and prints how it compares with what it
// is meant to reach. It fails only if it cannot measure: `make bench`.

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { audit } from "./audit.mjs";
import { launch, signIn } from "./browser.mjs";
import { firstLoad } from "./firstload.mjs";
import { serve } from "./server.mjs";

const runs = Number(process.env.RUNS || 5);
if (!Number.isInteger(runs) || runs < 1) throw new Error("RUNS must be a number, 1 or more.");
const output = new URL("../output/", import.meta.url);

const server = await serve();
const browser = await launch();
const since = new Date();
let landing, board, first;
try {
  landing = await several("/");
  await signIn(browser, server.url, "test@test.com", "password123");
  board = await several("/board");
  first = await firstLoad(browser, server.url, 10);
  console.error("first load measured");
} finally {
  await browser.close();
  await server.stop();
}

async function several(path) {
  const found = [];
  for (let i = 0; i < runs; i++) {
    found.push(await audit(browser, server.url + path));
    console.error(`${path} ${i + 1}/${runs}`);
  }
  return found;
}

const scripts = first.before.scripts;
const total = (some) => some.reduce((sum, { bytes }) => sum + bytes, 0);
const isVendor = ({ path }) => /\/(vendor|rolldown-runtime)-/.test(path);
const raw = scripts.filter(({ encoding }) => encoding !== "gzip");

/** By when the largest content is painted, in milliseconds. */
const lcp = { landing: 1500, board: 1800 };

const points = (n) => String(Math.round(n));
const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
const shift = (n) => n.toFixed(3);
const kb = (n) => `${(n / 1000).toFixed(1)} KB`;

const rows = [
  ...[["landing", landing], ["board", board]].flatMap(([page, found]) => [
    row(page, "performance", "≥ 95", found.map((run) => run.performance), points, (n) => n >= 95),
    row(page, "accessibility", "100", found.map((run) => run.accessibility), points, (n) => n === 100),
    row(page, "best practices", "100", found.map((run) => run.practices), points, (n) => n === 100),
    row(page, "largest contentful paint", `≤ ${lcp[page] / 1000} s`, found.map((run) => run.lcp), seconds, (n) => n <= lcp[page]),
    row(page, "total blocking time", "≤ 150 ms", found.map((run) => run.tbt), (n) => `${Math.round(n)} ms`, (n) => n <= 150),
    row(page, "layout shift", "≤ 0.02", found.map((run) => run.cls), shift, (n) => n <= 0.02),
  ]),
  row("board", "own JavaScript of the first load, gzip", "≤ 35 KB", [total(scripts.filter((script) => !isVendor(script)))], kb, (n) => n <= 35_000),
  row("board", "libraries of the first load, gzip", "–", [total(scripts.filter(isVendor))], kb, () => true),
  row("board", "JavaScript of the first load, gzip", "–", [total(scripts)], kb, () => true),
  // The first gets the token that the other is asked with: it lives in no storage.
  row("board", "API requests until 10 posts can be used", "2", [first.before.api.length], points, (n) => n === 2),
];

/** A figure: the median of what was measured, with the least and the most where they differ. */
function row(page, figure, bar, values, write, good) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = median(values);
  const [least, most] = [write(sorted[0]), write(sorted.at(-1))];
  return { page, figure, bar, measured: write(middle), spread: least === most ? "" : `${least} – ${most}`, value: middle, values, good: good(middle) };
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

const head = ["page", "figure", "bar", "measured", "", "least – most"];
const table = rows.map((r) => [r.page, r.figure, r.bar, r.measured, r.good ? "ok" : "NOT MET", r.spread]);
const widths = head.map((_, i) => Math.max(...[head, ...table].map((cells) => cells[i].length)));
const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`;
const names = (scripts) => scripts.map(({ path, bytes }) => `${path.split("/").at(-1)} ${kb(bytes)}`).join(", ") || "none";
const unique = (found, key) => [...new Set(found.flatMap((run) => run[key]))].join("; ");
const mid = (found, key) => median(found.map((run) => run[key]));
const all = [...landing, ...board];
const loads = all.map(({ load }) => load);

const notes = [
  `Lighthouse on a phone with a slow network (both simulated), ${runs} runs of each page, each a first visit; the middle of them counts.`,
  `Load of the machine (${cpus().length} processors) meanwhile: ${Math.min(...loads).toFixed(1)} – ${Math.max(...loads, loadavg()[0]).toFixed(1)}; Lighthouse's benchmark of it: ${Math.round(mid(all, "benchmark"))}.`,
  ...[["landing", landing], ["board", board]].flatMap(([page, found]) => [
    `${page}: first paint ${seconds(mid(found, "fcp"))}, speed index ${seconds(mid(found, "si"))}, blocked ${Math.round(mid(found, "tbt"))} ms; the largest is ${unique(found, "largest")}`,
    ...(unique(found, "failed") ? [`${page}: not perfect: ${unique(found, "failed")}`] : []),
  ]),
  `Scripts of the first load: ${names(first.before.scripts)}.${raw.length ? ` Not compressed: ${names(raw)}.` : ""}`,
  `Scripts after that, when the browser is idle: ${names(first.after.scripts)}.`,
  `API requests: ${first.before.api.map(({ path }) => path).join(", ")}; after that ${first.after.api.map(({ path }) => path).join(", ") || "none"}.`,
];

const text = [line(head), line(widths.map((n) => "-".repeat(n))), ...table.map(line)].join("\n");
mkdirSync(output, { recursive: true });
writeFileSync(new URL("bench.md", output), `# What was measured\n\n${since.toISOString()}, ${commit()}\n\n${text}\n\n${notes.map((note) => `- ${note}`).join("\n")}\n`);
writeFileSync(new URL("bench.json", output), `${JSON.stringify({ since, commit: commit(), runs, rows, landing, board, first }, null, 2)}\n`);
console.log(`${text}\n\n${notes.join("\n")}`);

/** What the program was built from, if that is known. */
function commit() {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], { cwd: fileURLToPath(output), encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "unknown";
  }
}
