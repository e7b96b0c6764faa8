// The one module that knows how being signed in survives a reload, with kept.ts.
// Today the token lies in localStorage, is good for 15 minutes and is renewed
// while a page is open. Nobody else reads or writes that.

import { useSyncExternalStore } from "react";
import { whenQuiet } from "../ui/whenQuiet";
import { api, carry, ok, Refused } from "./client";
import { key, read, type User, write } from "./kept";

export type { User };

export type Session = {
  /** Who is signed in, with the address that is the board's neighbourhood. */
  user: User | null;
  /** Why nobody is: `chosen` (signed out or withdrew) or `expired`; null if nobody was. */
  ended: "chosen" | "expired" | null;
};

const renewEvery = 10 * 60_000;
const renewOnFocusAfter = 60_000;

const nobody: Session = { user: null, ended: null };

let session: Session = { user: read(), ended: null };
let renewedAt = 0;
const heard = new Set<() => void>();

carry(token, (lost) => {
  // A token that was replaced in the meantime says nothing about the new one.
  if (lost === token()) end("expired");
});

export function useSession(): Session {
  return useSyncExternalStore(subscribe, current, current);
}

export function current(): Session {
  return session;
}

/** For what cannot go through `api`, such as a socket. */
export function token(): string | null {
  return session.user?.token ?? null;
}

export function subscribe(hear: () => void): () => void {
  heard.add(hear);
  return () => heard.delete(hear);
}

/** Signs in with what register, login, changepassword, update and current answer. */
export function begin(user: User) {
  renewedAt = Date.now();
  write(user);
  become({ user, ended: null });
}

/** Signs out, in every tab. */
export function end(why: "chosen" | "expired" = "chosen") {
  write(null);
  become({ user: null, ended: why });
}

let renewing: Promise<void> | null = null;

/** Gets a fresh token. Without a network nothing changes; if the old token is not valid any more, nobody is signed in afterwards. */
export function renew(): Promise<void> {
  renewing ??= (async () => {
    const before = token();
    if (!before) return;
    try {
      const { user } = await ok(api.GET("/api/user/current/"));
      if (token() === before) begin(user);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  })().finally(() => {
    renewing = null;
  });
  return renewing;
}

/** Keeps the session alive and in step with other tabs until the returned function is called. */
export function keep(): () => void {
  const hear = (event: StorageEvent) => {
    if (event.key !== key && event.key !== null) return;
    const user = read();
    if (user?.token === token()) return;
    renewedAt = Date.now();
    become(user ? { user, ended: null } : session.user ? { user: null, ended: "chosen" } : nobody);
  };
  const freshen = () => {
    if (document.visibilityState === "visible" && Date.now() - renewedAt > renewOnFocusAfter) void renew();
  };
  const online = () => void renew();
  addEventListener("storage", hear);
  addEventListener("focus", freshen);
  addEventListener("online", online);
  document.addEventListener("visibilitychange", freshen);
  // Also in the background: who waits for food in another tab stays signed in.
  const timer = window.setInterval(() => void renew(), renewEvery);
  // What the first screen asks for goes first.
  renewedAt = Date.now();
  const stop = whenQuiet(() => void renew());
  return () => {
    stop();
    removeEventListener("storage", hear);
    removeEventListener("focus", freshen);
    removeEventListener("online", online);
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

function become(next: Session) {
  session = next;
  heard.forEach((hear) => hear());
}
