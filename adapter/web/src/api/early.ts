// What the first screen will ask for is asked for before the app itself is here.

import type { Schemas } from "./client";

export type Early = {
  url: string;
  authorization: string;
  until: number;
  answer: Promise<Response>;
  /** What is in the answer, once that is on the screen. */
  shown?: Schemas["PostPage"];
};

declare global {
  interface Window {
    mealbuddyEarly?: Early | undefined;
  }
}

const good = 10_000;

export function ask(path: string, token: string): Early {
  const authorization = `token ${token}`;
  const answer = fetch(location.origin + path, { headers: { Authorization: authorization } });
  answer.catch(() => {}); // told to whom it may concern
  return (window.mealbuddyEarly = { url: location.origin + path, authorization, until: performance.now() + good, answer });
}

/** The answer to this very request, if it was asked for early; each only once. */
export function take(request: Request): Promise<Response> | undefined {
  const early = window.mealbuddyEarly;
  if (!early || request.method !== "GET") return undefined;
  if (request.url !== early.url || request.headers.get("Authorization") !== early.authorization) return undefined;
  delete window.mealbuddyEarly;
  return performance.now() < early.until ? early.answer : undefined;
}

/** What is on the screen already for who has this token; it need not be asked for again. */
export function takeShown(token: string): Schemas["PostPage"] | undefined {
  const early = window.mealbuddyEarly;
  if (!early?.shown || early.authorization !== `token ${token}`) return undefined;
  delete window.mealbuddyEarly;
  return early.shown;
}
