import { useSyncExternalStore } from "react";
import { themeKey, writeTheme } from "../api/storage";
import { applyTheme, chosenTheme, type Theme } from "./applyTheme";

const listeners = new Set<() => void>();
let theme = chosenTheme();

/** Light, dark, or as the device has it. */
export function useTheme(): [Theme, (next: Theme) => void] {
  const now = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => theme,
  );
  return [now, choose];
}

function choose(next: Theme) {
  writeTheme(next === "auto" ? null : next);
  show(next);
}

function show(next: Theme) {
  theme = next;
  applyTheme(theme);
  listeners.forEach((listener) => listener());
}

show(theme);
// Another tab chose.
addEventListener("storage", (event) => {
  if (event.key === themeKey) show(chosenTheme());
});
