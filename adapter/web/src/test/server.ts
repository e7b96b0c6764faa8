import { http, HttpResponse } from "msw";
import { setupServer } from "msw/node";
import type { Schemas } from "../api/client";

/** Stands in for the network. A test adds what it needs: server.use(http.get("*\/api/post/", …)). */
export const server = setupServer(
  // Unless a test says otherwise one signs in with a password, and with nothing else.
  http.get("*/api/rooms/", () => HttpResponse.json({ rooms: [] })),
  http.get("*/api/user/social/", () => HttpResponse.json([])),
  http.get("*/api/user/social/linked/", () => HttpResponse.json({ password: true, linked: [] })),
);

export { http, HttpResponse };

/** What others and this browser may know of ann. */
export const annKnown = { id: 1, username: "앤", address: "서울특별시 강남구 역삼동" };

/** Ann as the app knows her while she is signed in. */
export const annUser = { ...annKnown, email: "ann@example.com", address_official: true };

/** Ann as the server answers. */
export const ann: Schemas["User"] = { ...annUser, token: "ann.token.one" };

/** The sign-in is good: refresh answers, and counts. */
export function signedIn(signed: () => Schemas["User"] = () => ann) {
  const refreshed = { times: 0 };
  server.use(
    http.post("*/api/user/refresh/", () => {
      refreshed.times += 1;
      return HttpResponse.json({ user: signed() });
    }),
  );
  return refreshed;
}

/** A refusal as the server writes it. */
export function problem(status: number, code: Schemas["Problem"]["code"], errors?: Record<string, string[]>, detail = "안 돼요.") {
  const body: Schemas["Problem"] = {
    type: "about:blank",
    title: "Refused",
    status,
    detail,
    code,
    request_id: "test",
    ...(errors && { errors }),
  };
  return HttpResponse.json(body, { status, headers: { "Content-Type": "application/problem+json" } });
}
