import { useSyncExternalStore } from "react";
import { apply, keep, key, read, type Theme } from "./ground";

export type { Theme };

const heard = new Set<() => void>();
let theme: Theme = read();

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
  keep(next);
  apply(next);
  heard.forEach((hear) => hear());
}

apply(theme);
addEventListener("storage", (event) => {
  if (event.key !== key) return;
  theme = read();
  apply(theme);
  heard.forEach((hear) => hear());
});
