// The requests that the first screen needs: app/early.ts sends them before the app has
// loaded, client.ts and main.tsx take them over.

import type { Known } from "./storage";
import { refresh, type Signed } from "./refresh";

export type Early = {
  /** What `refresh` gives. */
  signed: Promise<Signed | null>;
  request?: {
    url: string;
    authorization: string;
    /** When the answer is too old to be used. */
    until: number;
    answer: Promise<Response>;
  };
};

declare global {
  interface Window {
    mealbuddyEarly?: Early | undefined;
  }
}

const maxAge = 10_000;

/** Requests a token. */
export function prefetchToken(): Early {
  const signed = refresh();
  signed.catch(() => {}); // session.ts handles it
  return (window.mealbuddyEarly = { signed });
}

/** Requests a token, then a path with it. Does not request the path if the token is not for this user. */
export async function prefetch(path: string, { id }: Known): Promise<void> {
  const early = prefetchToken();
  const signed = await early.signed;
  if (signed?.id !== id) return;
  const url = location.origin + path;
  const authorization = `token ${signed.token}`;
  const answer = fetch(url, { headers: { Authorization: authorization } });
  answer.catch(() => {}); // client.ts handles it
  early.request = { url, authorization, until: performance.now() + maxAge, answer };
}

/** The answer to exactly this request if it was sent early. Each is given once. */
export function take(request: Request): Promise<Response> | undefined {
  const early = window.mealbuddyEarly?.request;
  if (!early || request.method !== "GET") return undefined;
  if (request.url !== early.url || request.headers.get("Authorization") !== early.authorization) return undefined;
  delete window.mealbuddyEarly;
  return performance.now() < early.until ? early.answer : undefined;
}
