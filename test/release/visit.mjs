// Opens a page again and again as strangers who have never been there, until stdin ends.
// A visit ends when the app runs; until then the page may reload itself or say that there
// is an update, but is never blank. Prints {"visits": n, "told": n} as JSON.
//
//   node test/release/visit.mjs URL
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../../adapter/web/package.json", import.meta.url))("playwright-core");
const url = process.argv[2];
if (!url) throw new Error("usage: node visit.mjs URL");

const names = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const executablePath = process.env.MEALBUDDY_CHROMIUM || names.map((name) => spawnSync("which", [name], { encoding: "utf8" }).stdout.trim()).find(Boolean);
if (!executablePath) throw new Error("Visits need Chromium: install it, or name one with MEALBUDDY_CHROMIUM.");

const appMs = 60_000; // an update of one node, and the page's next try after it
let over = false;
process.stdin.resume().on("end", () => (over = true));

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"] });
let visits = 0;
let told = 0;
try {
  while (!over) {
    await visit();
    visits += 1;
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify({ visits, told }));

async function visit() {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, serviceWorkers: "block" });
  const lines = [];
  context.on("requestfailed", (request) => lines.push(`${request.url()}: ${request.failure()?.errorText}`));
  context.on("response", (response) => response.status() >= 400 && lines.push(`${response.url()}: ${response.status()}`));
  try {
    const page = await context.newPage();
    // A reload by the page itself interrupts what it interrupts: only what is there in the end counts.
    await page.goto(url, { timeout: appMs }).catch((error) => {
      if (!/interrupted|ERR_ABORTED|frame was detached/.test(error.message)) throw error;
    });
    await page.waitForFunction(() => document.body?.innerText.trim(), null, { timeout: 5_000 });
    const outcome = await page.waitForFunction(
      () => ("started" in document.documentElement.dataset ? "app" : document.querySelector("main[role=status]") && "told"),
      null,
      { timeout: appMs },
    );
    if ((await outcome.jsonValue()) === "told") {
      told += 1;
      await page.waitForFunction(() => "started" in document.documentElement.dataset, null, { timeout: appMs });
    }
  } catch (error) {
    throw new Error(`visit ${visits + 1}: ${error.message}\n${lines.join("\n")}`);
  } finally {
    await context.close();
  }
}
