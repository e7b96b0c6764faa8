import { readTheme } from "../api/storage";

export type Theme = "auto" | "light" | "dark";

/** The theme that was chosen in this browser. */
export function chosenTheme(): Theme {
  const kept = readTheme();
  return kept === "light" || kept === "dark" ? kept : "auto";
}

// As --bg of tokens.css.
const background = { light: "#faf9f6", dark: "#131412" };

/** Shows the page and the browser's own bars in a theme. */
export function applyTheme(theme: Theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    meta.content = background[theme === "auto" ? (meta.media.includes("dark") ? "dark" : "light") : theme];
  }
}
