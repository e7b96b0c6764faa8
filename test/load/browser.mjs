import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import puppeteer from "puppeteer-core";

const names = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

function findChromium() {
  const chosen = process.env.MEALBUDDY_CHROMIUM;
  if (chosen) return chosen;
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find(runs);
  if (!found) throw new Error(`make bench needs Chromium: none of ${names.join(", ")} is on the PATH. Install it (Debian: apt-get install chromium), or name one with MEALBUDDY_CHROMIUM.`);
  return found;
}

function runs(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The browser of this machine, with a new profile. */
export function launch() {
  return puppeteer.launch({
    executablePath: findChromium(),
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Signs in as people do. */
export async function signIn(browser, url, email, password) {
  const page = await browser.newPage();
  await page.goto(`${url}/signin?next=/board`);
  await page.locator("input[type=email]").fill(email);
  await page.locator("input[type=password]").fill(password);
  await page.locator("form [type=submit]").click();
  await page.waitForFunction(() => location.pathname === "/board");
  await page.close();
}
