import { useSyncExternalStore } from "react";

export type Theme = "auto" | "light" | "dark";

const key = "mealbuddy.theme";
const heard = new Set<() => void>();
let theme: Theme = read();

function read(): Theme {
  try {
    const kept = localStorage.getItem(key);
    return kept === "light" || kept === "dark" ? kept : "auto";
  } catch {
    return "auto";
  }
}

// As --bg of tokens.css.
const ground = { light: "#faf9f6", dark: "#131412" };

function apply() {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  // The browser's own bars follow.
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    meta.content = ground[theme === "auto" ? (meta.media.includes("dark") ? "dark" : "light") : theme];
  }
}

/** Light, dark, or as the device has it. */
export function useTheme(): [Theme, (next: Theme) => void] {
  const now = useSyncExternalStore(
    (hear) => {
      heard.add(hear);
      return () => heard.delete(hear);
    },
    () => theme,
  );
  return [now, choose];
}

function choose(next: Theme) {
  theme = next;
  try {
    if (next === "auto") localStorage.removeItem(key);
    else localStorage.setItem(key, next);
  } catch {
    // Then it holds until the page is closed.
  }
  apply();
  heard.forEach((hear) => hear());
}

apply();
addEventListener("storage", (event) => {
  if (event.key !== key) return;
  theme = read();
  apply();
  heard.forEach((hear) => hear());
});
