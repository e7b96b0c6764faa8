// Everything that the app keeps in the browser, under which key, and for how long.
// Local storage stays until it is cleared, session storage as long as the tab. Tokens
// are in neither, nor anything that the neighbours do not see anyway.
//
// Storage may be forbidden or full. Then nothing is read, and what is written is lost.

import type { Schemas } from "./client";

const local = () => localStorage;
const session = () => sessionStorage;

function read(storage: () => Storage, key: string): string | null {
  try {
    return storage().getItem(key);
  } catch {
    return null;
  }
}

function write(storage: () => Storage, key: string, value: string | null) {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, value);
  } catch {
    // See above.
  }
}

function parse(json: string | null): unknown {
  try {
    return JSON.parse(json ?? "null");
  } catch {
    return null;
  }
}

// Who is signed in, or why nobody is.

export const sessionKey = "mealbuddy.session";

/** What may be kept of who is signed in. */
export type Known = Pick<Schemas["User"], "id" | "username" | "address">;

/** Why nobody is signed in any more: they signed out or withdrew, here or in another tab; it was ended from another device; or nobody knows. */
export type Ended = "chosen" | "elsewhere" | "expired";

const readSession = () => (parse(read(local, sessionKey)) ?? {}) as Partial<Known & { ended: Ended }>;

export function readUser(): Known | null {
  const { id, username, address } = readSession();
  return typeof id === "number" && typeof username === "string" && typeof address === "string" ? { id, username, address } : null;
}

export function readEnded(): Ended {
  return readSession().ended ?? "chosen";
}

export function writeUser({ id, username, address }: Known) {
  write(local, sessionKey, JSON.stringify({ id, username, address }));
}

export function writeEnded(ended: Ended) {
  write(local, sessionKey, JSON.stringify({ ended }));
}

// The theme of this browser.

export const themeKey = "mealbuddy.theme";
export const readTheme = () => read(local, themeKey);
export const writeTheme = (theme: string | null) => write(local, themeKey, theme);

// Up to which line each person has read each room.

const seenKey = (me: number, room: number) => `mealbuddy.read.${me}.${room}`;

export function readSeen(me: number, room: number): number | null {
  const seq = parse(read(local, seenKey(me, room)));
  return Number.isSafeInteger(seq) && (seq as number) >= 0 ? (seq as number) : null;
}

export function writeSeen(me: number, room: number, seq: number) {
  write(local, seenKey(me, room), String(seq));
}

// What was typed and not sent. It belongs to a person and is forgotten when they sign out.

const draftPrefix = "mealbuddy.draft.";
const draftKey = (me: number, name: string) => `${draftPrefix}${me}.${name}`;

export const readDraft = (me: number, name: string): unknown => parse(read(session, draftKey(me, name)));
export const writeDraft = (me: number, name: string, draft: object | null) => write(session, draftKey(me, name), draft && JSON.stringify(draft));

export function clearDrafts() {
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(draftPrefix)) sessionStorage.removeItem(key);
  } catch {
    // See above.
  }
}

// When this tab last reloaded by itself.

const reloadKey = "mealbuddy.reloaded";
export const readReload = () => Number(read(session, reloadKey));
export const writeReload = (at: number) => write(session, reloadKey, String(at));
