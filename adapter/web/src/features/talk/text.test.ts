import { expect, test } from "vitest";
import { onlyEmoji } from "./text";

test("knows a few emoji from words", () => {
  for (const text of ["🍗", "🍗🍺", "👨‍👩‍👧", "🇰🇷", "❤️", "👍🏽 ".trim()]) expect(onlyEmoji(text)).toBe(true);
  for (const text of ["", "1", "#", "치킨🍗", "🍗🍗🍗🍗🍗", ":)"]) expect(onlyEmoji(text)).toBe(false);
});
