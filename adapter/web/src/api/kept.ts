// What lies in localStorage of who is signed in. For session.ts, and for what
// runs before it: app/early.ts.

import type { Schemas } from "./client";

export type User = Schemas["User"];

export const key = "mealbuddy.session";

export function read(): User | null {
  try {
    const user = JSON.parse(localStorage.getItem(key) ?? "null") as Partial<User> | null;
    return user && typeof user.id === "number" && typeof user.token === "string" ? (user as User) : null;
  } catch {
    return null;
  }
}

export function write(user: User | null) {
  try {
    if (user) localStorage.setItem(key, JSON.stringify(user));
    else localStorage.removeItem(key);
  } catch {
    // Storage is forbidden or full: signed in as long as the page lives.
  }
}
