import { queryOptions } from "@tanstack/react-query";
import { withCategory } from "./category";
import { api, ok } from "./client";
import { keys } from "./keys";

/** The rooms that one is in, the one with the newest activity first. Boards are shared, and do not say. */
export const ownRoomsQuery = queryOptions({
  queryKey: keys.ownRooms,
  queryFn: ({ signal }) => ok(api.GET("/api/rooms/", { signal })).then(({ rooms }) => rooms.map(withCategory)),
});
