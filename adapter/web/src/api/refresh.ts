// How one gets a token, and how the tabs of a browser share it: from memory to
// memory. For session.ts, and for what runs before it: app/early.ts.

import type { Schemas } from "./client";

/** Who is signed in, with the token. */
export type Signed = Schemas["User"];

const name = "mealbuddy.session";
const patience = 20_000;
/** How long what a tab tells may take to the others. */
const way = 500;

/**
 * The next token, for the cookie that no script can read. Tabs that want one at the
 * same time ask once: the others are told. Null: the sign-in is over. Throws if there
 * is no answer, with its status if it is another one.
 *
 * Where tabs cannot wait for each other (a page without https) each asks, and the
 * server sees to it that they agree.
 */
export async function refresh(): Promise<Signed | null> {
  let heard: Signed | undefined;
  let hear: () => void;
  const hearing = new Promise<void>((resolve) => (hear = resolve));
  const stop = listen((signed) => {
    heard = signed;
    hear();
  });
  const ask = async (): Promise<Signed | null> => {
    if (heard) return heard;
    const answer = await fetch(`${location.origin}/api/user/refresh/`, {
      method: "POST",
      // Who leaves the page meanwhile still gets the new cookie.
      keepalive: true,
      signal: AbortSignal.timeout(patience),
    });
    const body = (await answer.json().catch(() => ({}))) as Partial<Schemas["Signed"] & Schemas["Problem"]>;
    if (body.user) {
      tell(body.user);
      return body.user;
    }
    if (body.code === "not_signed_in") return null;
    throw Object.assign(new Error("no token for now"), { status: answer.status });
  };
  const inTurn = async () => {
    const first = await navigator.locks.request(name, { ifAvailable: true }, (free) => (free ? ask() : undefined));
    if (first !== undefined) return first;
    return navigator.locks.request(name, async () => {
      // The turn may come before what the tab that had it told.
      await Promise.race([hearing, new Promise((resolve) => setTimeout(resolve, way))]);
      return ask();
    });
  };
  try {
    return await ("locks" in navigator ? inTurn() : ask());
  } finally {
    stop();
  }
}

/** Tells the other tabs, and whoever listens in this one. */
export function tell(signed: Signed) {
  const line = new BroadcastChannel(name);
  line.postMessage(signed);
  line.close();
}

/** Hears what is told until the returned function is called. */
export function listen(hear: (signed: Signed) => void): () => void {
  const line = new BroadcastChannel(name);
  line.onmessage = ({ data }) => hear(data as Signed);
  return () => line.close();
}
