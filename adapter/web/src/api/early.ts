// What the first screen will ask for is asked for before the app itself is here.

import type { Schemas } from "./client";
import type { Known } from "./kept";
import { refresh, type Signed } from "./refresh";

export type Early = {
  /** What `refresh` gives. */
  signed: Promise<Signed | null>;
  /** For whom the board was asked for. */
  id?: number;
  url?: string;
  authorization?: string;
  until?: number;
  answer?: Promise<Response>;
  /** What is in the answer, once that is on the screen. */
  shown?: Schemas["PostPage"];
  /** The button that was pressed last while there was nothing behind it yet. */
  pressed?: HTMLElement | null;
};

declare global {
  interface Window {
    mealbuddyEarly?: Early | undefined;
  }
}

const good = 10_000;

/** Asks for a token. */
export function knock(): Early {
  const signed = refresh();
  signed.catch(() => {}); // told to whom it may concern
  return (window.mealbuddyEarly = { signed });
}

/** Asks for a token, and then with it for what is at a path. Null: it was not asked for, since another person is signed in now, or nobody. */
export async function ask(path: string, { id }: Known, early = knock()): Promise<Response | null> {
  const signed = await early.signed;
  if (signed?.id !== id) return null;
  const url = location.origin + path;
  const authorization = `token ${signed.token}`;
  const answer = fetch(url, { headers: { Authorization: authorization } });
  answer.catch(() => {});
  Object.assign(early, { id, url, authorization, until: performance.now() + good, answer });
  return answer;
}

/** The answer to this very request, if it was asked for early; each only once. */
export function take(request: Request): Promise<Response> | undefined {
  const early = window.mealbuddyEarly;
  if (!early?.answer || request.method !== "GET") return undefined;
  if (request.url !== early.url || request.headers.get("Authorization") !== early.authorization) return undefined;
  delete window.mealbuddyEarly;
  return performance.now() < early.until! ? early.answer : undefined;
}

/** What is on the screen already for this person; it need not be asked for again. */
export function takeShown(id: number): Schemas["PostPage"] | undefined {
  const early = window.mealbuddyEarly;
  if (!early?.shown || early.id !== id) return undefined;
  delete window.mealbuddyEarly;
  return early.shown;
}
