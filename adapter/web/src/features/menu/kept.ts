const key = "mealbuddy.no-weather";
const day = 24 * 60 * 60_000;

/** Whether this server said within a day that it has no weather: then it is asked again only if somebody wants to know. */
export function knowsNone(): boolean {
  const since = Date.now() - Number(localStorage.getItem(key));
  return since >= 0 && since < day;
}

export function noteNone(none: boolean) {
  try {
    if (none) localStorage.setItem(key, String(Date.now()));
    else localStorage.removeItem(key);
  } catch {
    // Full or forbidden: it is asked once more.
  }
}
