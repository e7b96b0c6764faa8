// Everything that the app keeps in the browser, under which key, and for how long.
// Local storage stays until it is cleared, session storage as long as the tab. Tokens
// and e-mail addresses are in neither, nor anything but what the person and their neighbours
// see anyway, or are about to see: the board, and the rooms and posts that they are in.
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

// What a person was last shown, by name, for when there is no network: a limited amount, for a week. Forgotten
// as soon as that person is not the one who is signed in. The number changes with the shape of what is kept.

const lastSeenPrefix = "mealbuddy.last-seen.1.";
const maxLastSeen = 24;
const maxLetters = 300_000;
const lastSeenOf = (me: number) => `${lastSeenPrefix}${me}.`;

/** Nobody's address lies about. */
const withoutEmail = (key: string, value: unknown) => (key === "email" ? "" : value);

export function readLastSeen(me: number, name: string): { at: number; data: unknown } | null {
  const kept = parse(read(local, lastSeenOf(me) + name));
  return isOld(kept, Date.now()) ? null : (kept as { at: number; data: unknown });
}

export function writeLastSeen(me: number, name: string, data: unknown) {
  write(local, lastSeenOf(me) + name, data === null ? null : JSON.stringify({ at: Date.now(), data }, withoutEmail));
  const all = keysOf(local)
    .filter((key) => key.startsWith(lastSeenPrefix))
    .map((key) => ({ key, json: read(local, key) ?? "" }))
    .map(({ key, json }) => ({ key, letters: json.length, at: (parse(json) as { at?: number } | null)?.at ?? 0 }))
    .sort((a, b) => b.at - a.at);
  let letters = 0;
  all.forEach((one, n) => {
    letters += one.letters;
    if (n >= maxLastSeen || letters > maxLetters) write(local, one.key, null);
  });
}

/** Forgets what others than this person were shown; without one, all of it. */
export function clearLastSeen(me?: number) {
  // mealbuddy.rooms.…: which rooms somebody is in, as the version before kept it.
  for (const key of keysOf(local)) if (key.startsWith("mealbuddy.rooms.")) write(local, key, null);
  for (const key of keysOf(local)) if (key.startsWith("mealbuddy.last-seen.") && !(me !== undefined && key.startsWith(lastSeenOf(me)))) write(local, key, null);
}

// What was typed and not sent. It belongs to a person, stays on the device for a week, and is
// forgotten when they sign out. What a stranger typed ends with the tab.

const draftPrefix = "mealbuddy.draft.";
const draftKey = (me: number, name: string) => `${draftPrefix}${me}.${name}`;
const draftsOf = (me: number) => (me === 0 ? session : local);
const draftAge = 7 * 24 * 60 * 60_000;

function isOld(kept: unknown, now: number): boolean {
  const at = (kept as { at?: unknown } | null)?.at;
  // A clock that was ahead keeps nothing for ever.
  return typeof at !== "number" || now - at > draftAge || at - now > draftAge;
}

function draftAt(storage: () => Storage, key: string): unknown {
  const kept = parse(read(storage, key));
  return isOld(kept, Date.now()) ? null : ((kept as { draft?: unknown }).draft ?? null);
}

export const readDraft = (me: number, name: string): unknown => draftAt(draftsOf(me), draftKey(me, name));

export const writeDraft = (me: number, name: string, draft: object | null) =>
  write(draftsOf(me), draftKey(me, name), draft && JSON.stringify({ at: Date.now(), draft }));

/** All drafts of a person whose names begin like this. */
export function readDrafts(me: number, prefix: string): unknown[] {
  const begin = draftKey(me, prefix);
  return keysOf(draftsOf(me))
    .filter((key) => key.startsWith(begin))
    .map((key) => draftAt(draftsOf(me), key))
    .filter((draft) => draft !== null);
}

/** Forgets all drafts. */
export function clearDrafts() {
  for (const storage of [local, session])
    for (const key of keysOf(storage)) if (key.startsWith(draftPrefix)) write(storage, key, null);
}

/** Forgets the drafts of more than a week ago. */
export function clearOldDrafts() {
  const now = Date.now();
  for (const key of keysOf(local)) if (key.startsWith(draftPrefix) && isOld(parse(read(local, key)), now)) write(local, key, null);
}

function keysOf(storage: () => Storage): string[] {
  try {
    return Object.keys(storage());
  } catch {
    return [];
  }
}

// The neighbourhoods where a person was, newest first. They are forgotten when they sign out.

const placesPrefix = "mealbuddy.places.";
const maxPlaces = 6;

export function readPlaces(me: number): string[] {
  const places = parse(read(local, placesPrefix + me));
  return Array.isArray(places) ? places.filter((place) => typeof place === "string") : [];
}

export function rememberPlace(me: number, address: string) {
  const others = readPlaces(me).filter((place) => place !== address);
  write(local, placesPrefix + me, JSON.stringify([address, ...others].slice(0, maxPlaces)));
}

export function clearPlaces() {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(placesPrefix)) localStorage.removeItem(key);
  } catch {
    // See above.
  }
}

// Whether a person was asked for a neighbourhood during this visit.

const askedKey = (me: number) => `mealbuddy.asked.${me}`;
export const wasAsked = (me: number) => read(session, askedKey(me)) !== null;
export const writeAsked = (me: number) => write(session, askedKey(me), "yes");

// Where the post is that made somebody sign up, so that they need not look for their neighbourhood.

const arrivalKey = "mealbuddy.arrival";
export const readArrival = () => read(session, arrivalKey) ?? "";
export const writeArrival = (address: string) => write(session, arrivalKey, address);

// When this tab last reloaded by itself.

const reloadKey = "mealbuddy.reloaded";
export const readReload = () => Number(read(session, reloadKey));
export const writeReload = (at: number) => write(session, reloadKey, String(at));
