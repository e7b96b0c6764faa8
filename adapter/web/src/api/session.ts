// The one module that knows how being signed in survives a reload, with storage.ts
// and refresh.ts. The token is good for a quarter of an hour and lives in the memory
// of the page alone; the cookie that gets the next one is out of reach for scripts.

import { useSyncExternalStore } from "react";
import { carry, Refused } from "./client";
import { listen, refresh, type Signed, tell } from "./refresh";
import { type Ended, type Known, readEnded, readUser, sessionKey, writeEnded, writeUser } from "./storage";

/** Who is signed in. The e-mail address is not known before the server has answered. */
export type User = Known & { email?: string };

export type Session = {
  /** Who is signed in, with the address that is the board's neighbourhood. */
  user: User | null;
  /** Why nobody is; null if nobody was. */
  ended: Ended | null;
};

const quarter = 15 * 60_000;
const day = 24 * 60 * 60_000;
const checkEvery = 5_000;

let session: Session = { user: readUser(), ended: null };
let held: string | null = null;
let since = 0;
let life = quarter;
let renewing: Promise<void> | null = null;
const heard = new Set<() => void>();

// An older release kept more than that.
if (session.user) writeUser(session.user);

carry({ now, instead });

export function useSession(): Session {
  return useSyncExternalStore(subscribe, current, current);
}

export function current(): Session {
  return session;
}

/** The token of the moment, if there is one yet. Whoever asks the API need not care. */
export function token(): string | null {
  return held;
}

export function subscribe(hear: () => void): () => void {
  heard.add(hear);
  return () => heard.delete(hear);
}

/** Signs in with the cookie alone, which another way than those of the API has brought. False if there is none. */
export async function arrive(): Promise<boolean> {
  const signed = await refresh().catch(refused);
  if (signed) begin(signed);
  return signed !== null;
}

/** Signs in, in every tab, with what register, login, changepassword and update answer. */
export function begin(signed: Signed) {
  hold(signed);
  tell(signed);
}

/** Is signed out, in every tab. What the server has to be told is told before. */
export function end(why: Ended = "chosen") {
  writeEnded(why);
  become({ user: null, ended: why });
}

/**
 * Gets the next token, once for all who want one. If the sign-in is over, nobody
 * is signed in afterwards; if there is no answer, nothing changes and a `Refused`
 * is thrown. `asked`: where somebody has asked for it already.
 */
export function renew(asked?: Promise<Signed | null>): Promise<void> {
  renewing ??= take(asked ?? refresh()).finally(() => {
    renewing = null;
  });
  return renewing;
}

/** Keeps the token fresh and in step with other tabs until the returned function is called. */
export function keep(): () => void {
  const stored = ({ key: changed }: StorageEvent) => {
    if (changed !== sessionKey && changed !== null) return;
    const user = readUser();
    if (!user) {
      if (session.user) become({ user: null, ended: readEnded() });
    } else if (!same(session.user, user)) {
      become({ user: session.user?.id === user.id ? { ...session.user, ...user } : user, ended: null });
    }
  };
  const freshen = () => {
    // Without a network there is no use in asking.
    if (session.user && navigator.onLine && age() > (life * 2) / 3) renew().catch(() => {});
  };
  const deaf = listen((signed) => {
    // Somebody may have signed out while the answer was under way.
    if (readUser()?.id === signed.id) hold(signed);
  });
  addEventListener("storage", stored);
  addEventListener("focus", freshen);
  addEventListener("online", freshen);
  document.addEventListener("visibilitychange", freshen);
  // Also in the background: who waits for food in another tab stays signed in. After a lost answer the server gives the same one once more, if it is asked soon.
  const timer = window.setInterval(freshen, checkEvery);
  freshen();
  return () => {
    deaf();
    removeEventListener("storage", stored);
    removeEventListener("focus", freshen);
    removeEventListener("online", freshen);
    document.removeEventListener("visibilitychange", freshen);
    window.clearInterval(timer);
  };
}

/** Where to sign in, and come back to `from` afterwards. */
export function signInPath(from: { pathname: string; search?: string }): string {
  return `/signin?next=${encodeURIComponent(from.pathname + (from.search ?? ""))}`;
}

/** The way back out of `?next=`: a path of this app, or the board. */
export function safeNext(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : "/board";
}

async function take(coming: Promise<Signed | null>) {
  const before = held;
  const signed = await coming.catch(refused);
  // Who signed in or out meanwhile knows better.
  if (!session.user || held !== before) return;
  if (signed) hold(signed);
  // Another tab may know why.
  else if (!readUser() && readEnded()) become({ user: null, ended: readEnded() });
  else end(age() < day ? "elsewhere" : "expired");
}

function refused(error: unknown): never {
  const { status = 0 } = error as { status?: number };
  throw new Refused(status, status ? "unavailable" : "offline", "");
}

function same(a: Known | null, b: Known): boolean {
  return a?.id === b.id && a.username === b.username && a.address === b.address;
}

function hold({ token, ...user }: Signed) {
  held = token;
  since = Date.now();
  life = lifeOf(token);
  writeUser(user);
  // For a token alone nothing is drawn anew.
  if (!same(session.user, user) || session.user?.email !== user.email) become({ user, ended: null }, token);
}

/** What to ask the API with; null if nobody is signed in. */
async function now(): Promise<string | null> {
  if (!session.user) return null;
  if (!held || age() > life * 0.9) await renew();
  if (!held) throw new Refused(401, "not_signed_in", "");
  return held;
}

/** What to ask with instead of a token that was refused; null if that is it. */
async function instead(lost: string): Promise<string | null> {
  if (held === lost) await renew();
  return held;
}

function age(): number {
  return Date.now() - since;
}

/** For how long a token is good, as it says itself: its clock is not ours. */
function lifeOf(token: string): number {
  try {
    const { iat, exp } = JSON.parse(atob(token.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/"))) as { iat: number; exp: number };
    return (exp - iat) * 1000 || quarter;
  } catch {
    return quarter;
  }
}

function become(next: Session, token: string | null = null) {
  // A token belongs to one person.
  if (next.user?.id !== session.user?.id) held = token;
  session = next;
  heard.forEach((hear) => hear());
}
