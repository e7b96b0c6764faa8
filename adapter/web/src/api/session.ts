// Who is signed in, and with which token. The token lives for a quarter of an hour in
// the memory of the page alone; the cookie that gets the next one is out of reach for
// scripts. See storage.ts for what survives a reload, and refresh.ts for the next token.

import { useSyncExternalStore } from "react";
import { Refused, setTokens } from "./client";
import { broadcast, listen, refresh, type Signed } from "./refresh";
import { type Ended, type Known, readEnded, readUser, sessionKey, writeEnded, writeUser } from "./storage";

/** Who is signed in. Only the server knows the rest, and has not answered yet after a reload. */
export type User = Known & {
  email?: string;
  /** False: the address is no official neighbourhood, and another one has to be chosen. */
  address_official?: boolean;
};

export type Session = {
  /** Who is signed in, with the address that is the board's neighbourhood. */
  user: User | null;
  /** Why nobody is; null if nobody was. */
  ended: Ended | null;
};

const defaultLife = 15 * 60_000;
const day = 24 * 60 * 60_000;
const checkEvery = 5_000;

let session: Session = { user: readUser(), ended: null };
let currentToken: string | null = null;
let since = 0;
let life = defaultLife;
let renewing: Promise<void> | null = null;
/** How many are on their way to sign out, and why the session ended before they had answers. */
let leaving = 0;
let lost: Ended | null = null;
const listeners = new Set<() => void>();

// An older release kept more than that: overwrite it.
if (session.user) writeUser(session.user);

setTokens({ current: accessToken, next: nextToken });

export function useSession(): Session {
  return useSyncExternalStore(subscribe, current, current);
}

export function current(): Session {
  return session;
}

/** The current token, if there is one yet. Requests to the API add it by themselves. */
export function token(): string | null {
  return currentToken;
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Signs in with the cookie alone, after a provider led back here. False if there is none. */
export async function arrive(): Promise<boolean> {
  const signed = await refresh().catch(refused);
  if (signed) begin(signed);
  return signed !== null;
}

/** Signs in, in every tab, with what register, login, changepassword and update answer. */
export function begin(signed: Signed) {
  hold(signed);
  broadcast(signed);
}

/** Signs out, in every tab. The caller tells the server first. */
export function end(why: Ended = "chosen") {
  writeEnded(why);
  setSession({ user: null, ended: why });
}

/**
 * Signs out, in every tab, once the server has been told; if that fails, nothing changes. A request that was on
 * its way may be refused meanwhile, because of it: that is no end of its own.
 */
export async function leave(tell: () => Promise<unknown>) {
  leaving += 1;
  try {
    await tell();
    end();
  } catch (error) {
    if (lost) end(lost);
    throw error;
  } finally {
    leaving -= 1;
    lost = null;
  }
}

/**
 * Gets the next token, once for all callers. If the session has ended, nobody is
 * signed in afterwards; without an answer nothing changes and it rejects with a
 * `Refused`. `asked`: a request that was sent already.
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
      if (session.user) setSession({ user: null, ended: readEnded() });
    } else if (!same(session.user, user)) {
      setSession({ user: session.user?.id === user.id ? { ...session.user, ...user } : user, ended: null });
    }
  };
  const renewIfOld = () => {
    // Offline it is no use to ask.
    if (session.user && navigator.onLine && age() > (life * 2) / 3) renew().catch(() => {});
  };
  const stopListening = listen((signed) => {
    // This person may have signed out meanwhile.
    if (readUser()?.id === signed.id) hold(signed);
  });
  addEventListener("storage", stored);
  addEventListener("focus", renewIfOld);
  addEventListener("online", renewIfOld);
  document.addEventListener("visibilitychange", renewIfOld);
  // In the background, too, so that a hidden tab stays signed in. If an answer is lost, the server gives the same token again.
  const timer = window.setInterval(renewIfOld, checkEvery);
  renewIfOld();
  return () => {
    stopListening();
    removeEventListener("storage", stored);
    removeEventListener("focus", renewIfOld);
    removeEventListener("online", renewIfOld);
    document.removeEventListener("visibilitychange", renewIfOld);
    window.clearInterval(timer);
  };
}

/** Where to sign in, and come back to `from` afterwards. */
export function signInPath(from: { pathname: string; search?: string }): string {
  return `/signin?next=${encodeURIComponent(from.pathname + (from.search ?? ""))}`;
}

/** The way back out of `?next=`: a path of this app, or the board. */
export function safeNext(next: string | null): string {
  // Browsers drop line breaks and tabs, and read a backslash as a slash.
  return next && /^\/(?!\/)[^\\\p{Cc}]*$/u.test(next) ? next : "/board";
}

async function take(coming: Promise<Signed | null>) {
  const before = currentToken;
  const signed = await coming.catch(refused);
  // Signing in or out meanwhile is newer.
  if (!session.user || currentToken !== before) return;
  if (signed) hold(signed);
  // Another tab may know why.
  else if (!readUser() && readEnded()) setSession({ user: null, ended: readEnded() });
  else if (leaving > 0) lost = why();
  else end(why());
}

const why = (): Ended => (age() < day ? "elsewhere" : "expired");

function refused(error: unknown): never {
  const { status = 0 } = error as { status?: number };
  throw new Refused(status, status ? "unavailable" : "offline", "");
}

function same(a: Known | null, b: Known): boolean {
  return a?.id === b.id && a.username === b.username && a.address === b.address;
}

function hold({ token, ...user }: Signed) {
  currentToken = token;
  since = Date.now();
  life = lifeOf(token);
  writeUser(user);
  // A new token alone renders nothing again.
  const { email, address_official }: User = user;
  if (!same(session.user, user) || session.user?.email !== email || session.user?.address_official !== address_official) setSession({ user, ended: null }, token);
}

/** The token for a request; null if nobody is signed in. */
async function accessToken(): Promise<string | null> {
  if (!session.user) return null;
  if (!currentToken || age() > life * 0.9) await renew();
  if (!currentToken) throw new Refused(401, "not_signed_in", "");
  return currentToken;
}

/** Another token than the one that was refused; null if there is none. */
async function nextToken(refused: string): Promise<string | null> {
  if (currentToken === refused) await renew();
  return currentToken;
}

function age(): number {
  return Date.now() - since;
}

/** How long a token is valid, from its own claims: the clock of the server is not ours. */
function lifeOf(token: string): number {
  try {
    const { iat, exp } = JSON.parse(atob(token.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/"))) as { iat: number; exp: number };
    return (exp - iat) * 1000 || defaultLife;
  } catch {
    return defaultLife;
  }
}

function setSession(next: Session, token: string | null = null) {
  // A token belongs to one person.
  if (next.user?.id !== session.user?.id) currentToken = token;
  session = next;
  listeners.forEach((listener) => listener());
}
