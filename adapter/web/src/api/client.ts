import createClient, { type Middleware } from "openapi-fetch";
import { take } from "./early";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** How long an answer may take before it counts as lost. */
const patience = 20_000;

/** Why a request was not granted. `code` is for programs; `refusal()` of words turns it into a sentence. */
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
  ) {
    super(detail);
  }

  /** Whether the same request may well be granted if it is sent again. */
  get passing(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

let carried: () => string | null = () => null;
let turnedAway: (token: string) => void = () => {};

/** For session.ts alone: where the token comes from, and who hears that one is not valid any more. */
export function carry(token: () => string | null, lost: (token: string) => void) {
  carried = token;
  turnedAway = lost;
}

const identity: Middleware = {
  onRequest({ request }) {
    const token = carried();
    if (token) request.headers.set("Authorization", `token ${token}`);
    return request;
  },
  async onResponse({ request, response }) {
    const [, token] = (request.headers.get("Authorization") ?? "").split(" ");
    if (response.status !== 401 || !token) return;
    const problem = (await response.clone().json().catch(() => null)) as Partial<Schemas["Problem"]> | null;
    if (problem?.code === "not_signed_in") turnedAway(token);
  },
};

/** The API, typed by openapi.yaml. Wrap each call in `ok`. */
export const api = createClient<paths>({
  baseUrl: location.origin,
  // Looked up at each call, so that tests can stand in for the network.
  fetch: (request) => take(request) ?? fetch(request),
});
api.use(identity);

type Answer<T> = { data?: T; error?: unknown; response: Response };

/**
 * The data of an answer, or a thrown `Refused`.
 *
 *     queryFn: ({ signal }) => ok(api.GET("/api/post/", { params: { query }, signal }))
 *
 * `wait`: for what takes the server longer than most.
 */
export async function ok<T>(call: Promise<Answer<T>>, wait = patience): Promise<T> {
  let late = 0;
  const timeout = new Promise<never>((_, reject) => {
    late = window.setTimeout(() => reject(new Refused(0, "offline", "")), wait);
  });
  let answer: Answer<T>;
  try {
    answer = await Promise.race([call, timeout]);
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
  // Something between us and the server may answer, too; it does not speak our language.
  if (!body || typeof body !== "object" || !("code" in body)) return new Refused(status, status >= 500 ? "unavailable" : "internal", "");
  const problem = body as Schemas["Problem"];
  const fields: Record<string, string> = {};
  for (const [name, [first]] of Object.entries(problem.errors ?? {})) if (first) fields[name] = first;
  return new Refused(status, problem.code, problem.detail, fields, problem.request_id, Number(headers.get("Retry-After")) || 0);
}
