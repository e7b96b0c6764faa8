import type { components } from "../../../adapter/web/src/api/schema";
import type { Server } from "./server";
import type { Who } from "./person";

type Schemas = components["schemas"];

export type Known = Who & { id: number; token: string };

/** The API without a browser, for what has to be there before a test begins. */
export class Api {
  constructor(readonly server: Server) {}

  async register(who: Who): Promise<Known> {
    const { user } = await this.#call<{ user: Schemas["User"] }>("POST", "/api/user/register/", null, { ...who, password2: who.password });
    return { ...who, id: user.id, token: user.token };
  }

  async signIn(who: Who): Promise<Known> {
    const { user } = await this.#call<{ user: Schemas["User"] }>("POST", "/api/user/login/", null, { email: who.email, password: who.password });
    return { ...who, id: user.id, token: user.token };
  }

  write(by: Known, part: Partial<Schemas["Post"]> = {}): Promise<Schemas["PostDetail"]> {
    return this.#call("POST", "/api/post/write/", by, { title: "치킨 같이 시켜요", category: "치킨", content: "저녁 7시에 시켜요.", target_number: 4, ...part });
  }

  edit(by: Known, id: number, part: Partial<Schemas["EditPostBody"]>): Promise<unknown> {
    return this.#call("POST", `/api/post/detail/${id}/edit/`, by, part);
  }

  async board(by: Known, page = 1): Promise<Schemas["Post"][]> {
    return (await this.#call<Schemas["PostPage"]>("GET", `/api/post/?page=${page}`, by)).posts;
  }

  update(by: Known, part: Partial<Schemas["UpdateUserBody"]>): Promise<unknown> {
    return this.#call("POST", "/api/user/update/", by, part);
  }

  /** What opens one socket of a room. */
  ticket(by: Known, room: number): Promise<Schemas["Ticket"]> {
    return this.#call("POST", `/api/chat/${room}/ticket/`, by);
  }

  join(by: Known, room: number): Promise<unknown> {
    return this.#call("POST", `/api/chat/${room}/`, by);
  }

  room(by: Known, room: number): Promise<Schemas["Room"]> {
    return this.#call("GET", `/api/chat/${room}/`, by);
  }

  leave(by: Known, room: number): Promise<unknown> {
    return this.#call("DELETE", `/api/chat/${room}/user/`, by);
  }

  ban(by: Known, room: number, whom: Known): Promise<unknown> {
    return this.#call("POST", `/api/chat/${room}/user/ban/`, by, { target_user_id: whom.id });
  }

  /** Everything that was said in a room, in the order of seq. */
  async said(by: Known, room: number): Promise<{ seq: number; message: string }[]> {
    const { messages } = await this.#call<Schemas["Room"]>("GET", `/api/chat/${room}/?after=0&limit=200`, by);
    return messages.filter(({ user }) => user !== null);
  }

  async #call<T>(method: string, path: string, by: Known | null, body?: unknown): Promise<T> {
    const answer = await fetch(this.server.url + path, {
      method,
      headers: { "Content-Type": "application/json", ...(by && { Authorization: `token ${by.token}` }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (answer.status === 204 ? null : await answer.json()) as T;
  }
}
