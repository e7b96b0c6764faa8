// What this browser keeps of a room: up to where it was read, for good, and what
// was not sent yet, as long as the tab lives and the person stays signed in.

import type { Outgoing } from "./talk";

const readKey = (me: number, room: number) => `mealbuddy.read.${me}.${room}`;
// The prefix of drafts: they are forgotten together.
const outboxKey = (me: number, room: number) => `mealbuddy.draft.${me}.outbox-${room}`;

/** What is older than this is not sent without being asked for again. */
const fresh = 10 * 60_000;

export function readTo(me: number, room: number): number | null {
  try {
    const seq = Number(localStorage.getItem(readKey(me, room)) ?? NaN);
    return Number.isSafeInteger(seq) && seq >= 0 ? seq : null;
  } catch {
    return null;
  }
}

export function noteRead(me: number, room: number, seq: number) {
  try {
    localStorage.setItem(readKey(me, room), String(seq));
  } catch {
    // Then nothing is marked as unread.
  }
}

export function loadOutbox(me: number, room: number): Outgoing[] {
  try {
    const kept = JSON.parse(sessionStorage.getItem(outboxKey(me, room)) ?? "[]") as unknown;
    if (!Array.isArray(kept)) return [];
    return (kept as Outgoing[]).map((m) => (m.failed || Date.now() - m.at < fresh ? m : { ...m, failed: { code: "offline", detail: "" } }));
  } catch {
    return [];
  }
}

export function saveOutbox(me: number, room: number, outgoing: Outgoing[]) {
  try {
    if (outgoing.length === 0) sessionStorage.removeItem(outboxKey(me, room));
    else sessionStorage.setItem(outboxKey(me, room), JSON.stringify(outgoing));
  } catch {
    // Full or forbidden: they live as long as the page.
  }
}
