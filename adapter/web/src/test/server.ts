import { http, HttpResponse } from "msw";
import { setupServer } from "msw/node";
import type { Schemas } from "../api/client";

/** Stands in for the network. A test adds what it needs: server.use(http.get("*\/api/post/", …)). */
export const server = setupServer();

export { http, HttpResponse };

export const ann: Schemas["User"] = {
  id: 1,
  email: "ann@example.com",
  username: "앤",
  address: "서울특별시 강남구 역삼동",
  token: "ann.token.one",
};

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
