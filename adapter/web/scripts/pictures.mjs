// Draws public/og/*.png, the pictures of shared posts, one for each category of food
//
//   node scripts/pictures.mjs     (with MEALBUDDY_CHROMIUM, or a chromium-headless-shell on the PATH)
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const file = (path) => fileURLToPath(new URL(path, import.meta.url));
const food = await readFile(file("../src/ui/food.svg"), "utf8");
const logo = await readFile(file("../public/favicon.svg"), "utf8");
const font = (await readFile(file("../src/app/letters.woff2"))).toString("base64");
const names = [...food.matchAll(/<symbol[^>]* id="([a-z]+)"/g)].map(([, name]) => name);
if (names.length === 0) throw new Error("food.svg has no symbols");
const sprite = food.slice(food.indexOf("<svg"));

const browser = await chromium.launch({ executablePath: process.env["MEALBUDDY_CHROMIUM"] ?? "/usr/bin/chromium-headless-shell", args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width: 1200, height: 630 } });
await mkdir(file("../public/og/"), { recursive: true });
for (const name of names) {
  await page.setContent(`<!doctype html><meta charset="utf-8"><style>
    @font-face { font-family: M; src: url(data:font/woff2;base64,${font}); font-weight: 100 900; }
    body { margin: 0; width: 1200px; height: 630px; background: #e6f3ec; font-family: M; color: #1f1d19; overflow: hidden; position: relative; }
    .logo { position: absolute; left: 80px; top: 84px; display: flex; align-items: center; gap: 24px; font-size: 56px; font-weight: 700; }
    .logo svg { width: 108px; height: 108px; }
    h1 { position: absolute; left: 80px; top: 258px; margin: 0; font-size: 100px; line-height: 1.18; font-weight: 800; letter-spacing: -0.02em; }
    p { position: absolute; left: 84px; bottom: 64px; margin: 0; font-size: 36px; font-weight: 600; color: #3f5a4d; }
    .disc { position: absolute; right: 72px; top: 80px; width: 470px; height: 470px; border-radius: 50%; background: #fff; display: grid; place-items: center; }
    .disc svg { width: 330px; height: 330px; }
    .hidden { position: absolute; width: 0; height: 0; overflow: hidden; }
  </style><div class="hidden">${sprite}</div>
  <div class="logo">${logo}<span>밀버디</span></div><h1>같이<br>시킬까요?</h1><p>우리 동네 이웃과 함께 시키는 배달</p>
  <div class="disc"><svg viewBox="0 0 48 48"><use href="#${name}"/></svg></div>`);
  await page.evaluate(() => document.fonts.ready);
  await writeFile(file(`../public/og/${name}.png`), await page.screenshot());
}
await browser.close();
console.log(`drew ${names.length} pictures`);
