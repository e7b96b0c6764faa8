import axe, { type RunOptions } from "axe-core";
import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { output } from "./stage";

const themes = ["light", "dark"] as const;
const folder = `${output}screens/`;
/** Whether pictures are kept, for somebody who looks: `make screens`. */
const pictures = Boolean(process.env["MEALBUDDY_PICTURES"]);

/** What a screen is held to: readable for all in light and dark, and nothing beyond its sides. Keeps pictures of it where they are wanted. */
export async function look(page: Page, name: string, device: string, { whole = false } = {}) {
  if (pictures) mkdirSync(folder, { recursive: true });
  for (const theme of themes) {
    await page.emulateMedia({ colorScheme: theme });
    await settled(page);
    // To take one also draws what the theme has changed, to its end.
    await page.screenshot({ animations: "disabled", ...(pictures && { path: `${folder}${name}.${device}.${theme}.png` }) });
    if (pictures && whole) await page.screenshot({ path: `${folder}${name}-whole.${device}.${theme}.png`, animations: "disabled", fullPage: true });
    const violations = await audit(page, theme);
    const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
    expect.soft(found, `axe on ${name}, ${theme}`).toEqual([]);
  }
  const [heading, title] = await page.evaluate(() => {
    const heading = document.querySelector("h1")?.cloneNode(true) as Element | undefined;
    heading?.querySelectorAll(".sr-only").forEach((hidden) => hidden.remove());
    return [heading?.textContent.replace(/\s/g, ""), document.title];
  });
  // On the first page the name of the app comes first.
  const said = title.replace(/ · 밀버디$|^밀버디 – /, "").replace(/\s/g, "");
  if (heading !== undefined) expect.soft(heading, `heading of ${name}, whose title is ${title}`).toContain(said);
  const size = page.viewportSize()!;
  for (const width of device === "phone" ? [320, 412] : [768, 1440]) {
    await page.setViewportSize({ ...size, width });
    // A phone makes its page wider where something hangs over, so its own word is not taken.
    const fits = await page.waitForFunction((most) => document.scrollingElement!.scrollWidth <= most, width, { timeout: 2000 }).catch(() => null);
    expect.soft(fits ? width : await page.evaluate(() => document.scrollingElement!.scrollWidth), `width of ${name} at ${width} px`).toBeLessThanOrEqual(width);
  }
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme: "light" });
}

/** What axe finds wrong. Of what it looks at, only contrast depends on the theme. */
async function audit(page: Page, theme: (typeof themes)[number]) {
  const options: RunOptions = {
    runOnly: theme === "light" ? ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] : ["color-contrast"],
    // An open menu belongs to its button, wherever it hangs in the page; axe knows that of dialogs only.
    rules: { "label-content-name-mismatch": { enabled: theme === "light" }, region: { enabled: theme === "light" && !(await page.getByRole("menu").count()) } },
    resultTypes: ["violations"],
    iframes: false, // they are others'
    preload: false, // no rule in use asks for it
  };
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  return page.evaluate(async (options) => {
    const { violations } = await (window as unknown as { axe: typeof import("axe-core") }).axe.run(document, options);
    return violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html, failureSummary }) => ({ html, failureSummary })) }));
  }, options);
}

/** Until the letters and pictures are here, and nothing moves. */
export async function settled(page: Page) {
  await page.waitForFunction(() => document.fonts.status === "loaded" && [...document.fonts].some((font) => font.status === "loaded") && [...document.images].every((image) => image.complete));
  await page.evaluate(async () => {
    for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame); // what begins now has begun
    await Promise.all(document.getAnimations().map((animation) => (animation.effect?.getComputedTiming().iterations === Infinity ? null : animation.finished.catch(() => {}))));
  });
}
