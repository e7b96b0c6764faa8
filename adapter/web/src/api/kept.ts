// What lies in localStorage of who is signed in: nothing that opens anything, and
// nothing that the neighbours do not see. For session.ts, and for what runs before
// it: app/early.ts.

import type { Schemas } from "./client";

/** Who is signed in, as far as that may lie about. */
export type Known = Pick<Schemas["User"], "id" | "username" | "address">;

/** Why nobody is signed in any more: they signed out or withdrew, here or in another tab; it was ended from another device; or nobody knows. */
export type Ended = "chosen" | "elsewhere" | "expired";

export const key = "mealbuddy.session";

export function read(): Known | null {
  const { id, username, address } = look();
  return typeof id === "number" && typeof username === "string" && typeof address === "string" ? { id, username, address } : null;
}

/** Why it was ended, if it was. */
export function readEnded(): Ended {
  return look().ended ?? "chosen";
}

export function write(kept: Known | { ended: Ended }) {
  try {
    localStorage.setItem(key, JSON.stringify("id" in kept ? { id: kept.id, username: kept.username, address: kept.address } : kept));
  } catch {
    // Storage is forbidden or full: signed in as long as the page lives.
  }
}

export function same(a: Known | null, b: Known): boolean {
  return a?.id === b.id && a.username === b.username && a.address === b.address;
}

function look(): Partial<Known & { ended: Ended }> {
  try {
    return (JSON.parse(localStorage.getItem(key) ?? "null") as Partial<Known & { ended: Ended }> | null) ?? {};
  } catch {
    return {};
  }
}
