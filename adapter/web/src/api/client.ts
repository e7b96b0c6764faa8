import type { Client } from "openapi-fetch";
import { take } from "./prefetch";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** How long an answer may take, in milliseconds. */
const timeout = 20_000;

/** A request that was refused. `code` is for programs; `refusal()` of words turns it into a sentence. */
export class Refused extends Error {
  override name = "Refused";

  constructor(
    /** The HTTP status, or 0 if no answer came. */
    readonly status: number,
    readonly code: Schemas["Problem"]["code"] | "offline",
    /** The server's own sentence. */
    detail: string,
    /** For each wrong field the first thing that is wrong with it. */
    readonly fields: Record<string, string> = {},
    readonly requestId = "",
    /** After how many seconds it is worth another try; 0 if nobody said. */
    readonly retryAfter = 0,
    /** For a wrong field what may have been meant. */
    readonly suggestions: NonNullable<Schemas["Problem"]["suggestions"]> = {},
  ) {
    super(detail);
  }

  /** Whether the same request may succeed if it is sent again. */
  get transient(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

type Tokens = {
  /** The token of who is signed in; null if nobody is. Rejects with why there is none. */
  current: () => Promise<string | null>;
  /** Another token than the one that was refused; null if there is none. */
  next: (refused: string) => Promise<string | null>;
};

let tokens: Tokens = { current: () => Promise.resolve(null), next: () => Promise.resolve(null) };

/** For session.ts alone: where tokens come from. */
export function setTokens(from: Tokens) {
  tokens = from;
}

/** Sends a request as who is signed in. If the token is refused, once more with the next one. */
async function send(request: Request): Promise<Response> {
  const token = await tokens.current();
  if (!token) return fetch(request);
  const copy = request.clone();
  const answer = await sendAs(token, request);
  if (answer.status !== 401) return answer;
  const problem = (await answer.clone().json().catch(() => null)) as Partial<Schemas["Problem"]> | null;
  const next = problem?.code === "not_signed_in" ? await tokens.next(token) : null;
  return next ? sendAs(next, copy) : answer;
}

function sendAs(token: string, request: Request): Promise<Response> {
  request.headers.set("Authorization", `token ${token}`);
  return take(request) ?? fetch(request);
}

type Asked = { params?: { path?: Record<string, string>; query?: object; header?: Record<string, string> }; body?: unknown; signal?: AbortSignal };

function via(method: string) {
  return async (path: string, { params: { path: places = {}, query = {}, header = {} } = {}, body, signal }: Asked = {}): Promise<Answer<unknown>> => {
    const url = new URL(location.origin + path.replace(/{(.+?)}/g, (_, name: string) => encodeURIComponent(places[name]!)));
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
    const headers = { ...header, ...(body !== undefined && { "Content-Type": "application/json" }) };
    const response = await send(new Request(url, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }), ...(signal && { signal }) }));
    if (!response.ok) return { error: await response.json().catch(() => null), response };
    return { data: response.status === 204 ? undefined : await response.json(), response };
  };
}

/** The API, typed by openapi.yaml with the types of openapi-fetch. Wrap each call in `ok`. */
export const api = { GET: via("GET"), POST: via("POST"), DELETE: via("DELETE") } as unknown as Pick<Client<paths>, "GET" | "POST" | "DELETE">;

/** The header of a request that has its effect once, however often it is sent with this key. */
export const once = (key: string) => ({ "Idempotency-Key": key });

type Answer<T> = { data?: T; error?: unknown; response: Response };

/**
 * The data of an answer, or a thrown `Refused`.
 *
 *     queryFn: ({ signal }) => ok(api.GET("/api/post/", { params: { query }, signal }))
 *
 * `wait`: for what takes the server longer.
 */
export async function ok<T>(call: Promise<Answer<T>>, wait = timeout): Promise<T> {
  let late = 0;
  const timedOut = new Promise<never>((_, reject) => {
    late = window.setTimeout(() => reject(new Refused(0, "offline", "")), wait);
  });
  let answer: Answer<T>;
  try {
    answer = await Promise.race([call, timedOut]);
  } catch (error) {
    if (error instanceof Refused || (error as Error | null)?.name === "AbortError") throw error;
    throw new Refused(0, "offline", "");
  } finally {
    window.clearTimeout(late);
  }
  if (answer.response.ok) return answer.data as T;
  throw toRefused(answer.response, answer.error);
}

function toRefused({ status, headers }: Response, body: unknown): Refused {
  // A proxy may have answered; its errors are not ours.
  if (!body || typeof body !== "object" || !("code" in body)) return new Refused(status, status >= 500 ? "unavailable" : "internal", "");
  const problem = body as Schemas["Problem"];
  const fields: Record<string, string> = {};
  for (const [name, [first]] of Object.entries(problem.errors ?? {})) if (first) fields[name] = first;
  return new Refused(status, problem.code, problem.detail, fields, problem.request_id, Number(headers.get("Retry-After")) || 0, problem.suggestions);
}
