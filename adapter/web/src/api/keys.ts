import type { Category } from "./category";

/** The keys of all queries. A key that begins with another one is invalidated together with it. */
export const keys = {
  boards: ["boards"],
  board: (address: string, category: Category | null, state: string, page: number) => ["boards", address, category, state, page],
  post: (id: number) => ["post", id],
  shared: (code: string) => ["shared", code],
  ownRooms: ["own-rooms"],
  rooms: ["rooms"],
  room: (id: number) => ["rooms", id],
  members: (id: number) => ["rooms", id, "members"],
  regions: (words: string) => ["regions", words],
  providers: ["providers"],
  socialSignIn: ["social-sign-in"],
  pendingSignUp: (attempt: string | null) => ["pending-sign-up", attempt],
  waysToSignIn: ["ways-to-sign-in"],
  devices: ["devices"],
  services: ["services"],
  position: ["position"],
  weather: (address: string, position: { lat: number; lon: number } | null) => ["weather", address, position],
} as const;
