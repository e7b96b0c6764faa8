export const key = "mealbuddy.scroll";

/** How far down each entry of the history was left, by the router's key of it. */
export function remembered(): Record<string, number> {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "{}") as Record<string, number>;
  } catch {
    return {};
  }
}
