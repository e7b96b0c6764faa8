export type Theme = "auto" | "light" | "dark";

export const key = "mealbuddy.theme";

export function read(): Theme {
  try {
    const kept = localStorage.getItem(key);
    return kept === "light" || kept === "dark" ? kept : "auto";
  } catch {
    return "auto";
  }
}

export function keep(theme: Theme) {
  try {
    if (theme === "auto") localStorage.removeItem(key);
    else localStorage.setItem(key, theme);
  } catch {
    // Then it holds until the page is closed.
  }
}

// As --bg of tokens.css.
const ground = { light: "#faf9f6", dark: "#131412" };

/** Shows the page and the browser's own bars in a theme. */
export function apply(theme: Theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    meta.content = ground[theme === "auto" ? (meta.media.includes("dark") ? "dark" : "light") : theme];
  }
}
