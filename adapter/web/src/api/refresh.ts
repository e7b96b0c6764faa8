// Gets tokens and shares them between the tabs of a browser, from memory to memory.
// Used by session.ts, and before it by app/early.ts.

import type { Schemas } from "./client";

/** Who is signed in, with the token. */
export type Signed = Schemas["User"];

const name = "mealbuddy.session";
/**
 * How long an answer may take, in milliseconds. It is less than the ten seconds for which
 * the server gives a token again that another tab has used since.
 */
const timeout = 8_000;
/** How long a message to another tab may take. */
const broadcastDelay = 500;

/**
 * Exchanges the cookie, which no script can read, for the next token. If several tabs
 * want one at the same time, one asks and tells the others. Null: the session has
 * ended. Rejects if there is no answer, with `status` if there is an unexpected one.
 *
 * Without the lock API (a page without https) each tab asks, and the server gives
 * all of them the same token.
 */
export async function refresh(): Promise<Signed | null> {
  let received: Signed | undefined;
  let done: () => void;
  const broadcasted = new Promise<void>((resolve) => (done = resolve));
  const stop = listen((signed) => {
    received = signed;
    done();
  });
  const ask = async (): Promise<Signed | null> => {
    if (received) return received;
    const answer = await fetch(`${location.origin}/api/user/refresh/`, {
      method: "POST",
      // A page that is left meanwhile still gets the new cookie.
      keepalive: true,
      signal: AbortSignal.timeout(timeout),
    });
    const body = (await answer.json().catch(() => ({}))) as Partial<Schemas["Signed"] & Schemas["Problem"]>;
    if (body.user) {
      broadcast(body.user);
      return body.user;
    }
    if (body.code === "not_signed_in") return null;
    throw Object.assign(new Error("no token for now"), { status: answer.status });
  };
  const askLocked = async () => {
    const first = await navigator.locks.request(name, { ifAvailable: true }, (free) => (free ? ask() : undefined));
    if (first !== undefined) return first;
    return navigator.locks.request(name, async () => {
      // The lock may arrive before the broadcast of the tab that had it.
      await Promise.race([broadcasted, new Promise((resolve) => setTimeout(resolve, broadcastDelay))]);
      return ask();
    });
  };
  try {
    return await ("locks" in navigator ? askLocked() : ask());
  } finally {
    stop();
  }
}

/** Tells the other tabs, and the listeners in this one. */
export function broadcast(signed: Signed) {
  const channel = new BroadcastChannel(name);
  channel.postMessage(signed);
  channel.close();
}

/** Listens to broadcasts until the returned function is called. */
export function listen(listener: (signed: Signed) => void): () => void {
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }) => listener(data as Signed);
  return () => channel.close();
}
