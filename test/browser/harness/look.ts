import AxeBuilder from "@axe-core/playwright";
import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { output } from "./stage";

const themes = ["light", "dark"] as const;
const folder = `${output}screens/`;

/** What a screen is held to: readable for all in light and dark, and nothing beyond its sides. Keeps pictures of it. */
export async function look(page: Page, name: string, device: string, { whole = false } = {}) {
  mkdirSync(folder, { recursive: true });
  await settled(page);
  for (const theme of themes) {
    await page.emulateMedia({ colorScheme: theme });
    await page.screenshot({ path: `${folder}${name}.${device}.${theme}.png`, animations: "disabled" });
    if (whole) await page.screenshot({ path: `${folder}${name}-whole.${device}.${theme}.png`, animations: "disabled", fullPage: true });
    const axe = new AxeBuilder({ page }).setLegacyMode(true);
    // Of what axe looks at, only contrast depends on the theme.
    if (theme === "light") axe.withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]);
    else axe.withRules(["color-contrast"]);
    // An open menu belongs to its button, wherever it hangs in the page; axe knows that of dialogs only.
    if (theme === "light" && (await page.getByRole("menu").count())) axe.disableRules("region");
    const { violations } = await axe.analyze();
    const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
    expect.soft(found, `axe on ${name}, ${theme}`).toEqual([]);
  }
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

/** Until the letters and pictures are here, and nothing moves. */
export async function settled(page: Page) {
  await page.waitForFunction(() => document.fonts.status === "loaded" && [...document.fonts].some((font) => font.status === "loaded") && [...document.images].every((image) => image.complete));
  await page.evaluate(async () => {
    await Promise.all(document.getAnimations().map((animation) => (animation.effect?.getComputedTiming().iterations === Infinity ? null : animation.finished.catch(() => {}))));
  });
}
