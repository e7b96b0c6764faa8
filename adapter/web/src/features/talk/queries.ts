import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, ok } from "../../api/client";
import { keys } from "../../api/keys";
import { postChanged } from "../../api/posts";

export const readRoom = (id: number, query: { before?: number; after?: number; limit?: number } = {}, signal?: AbortSignal) =>
  ok(api.GET("/api/chat/{id}/", { params: { path: { id }, query }, ...(signal && { signal }) }));

export const roomQuery = (id: number) =>
  queryOptions({
    queryKey: keys.room(id),
    queryFn: ({ signal }) => readRoom(id, {}, signal),
  });

/** When what was last seen of a room counts as fetched: long ago. */
export const longAgo = 1;

export const membersQuery = (id: number) =>
  queryOptions({
    queryKey: keys.members(id),
    queryFn: ({ signal }) => ok(api.GET("/api/chat/{id}/user/", { params: { path: { id } }, signal })),
  });

export function useKick(id: number) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (who: number) => ok(api.POST("/api/chat/{id}/user/ban/", { params: { path: { id } }, body: { target_user_id: who } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: membersQuery(id).queryKey }),
  });
}

export function useLeave(id: number) {
  return useMutation({ mutationFn: () => ok(api.DELETE("/api/chat/{id}/user/", { params: { path: { id } } })) });
}

export function useDelete(id: number) {
  return useMutation({ mutationFn: () => ok(api.DELETE("/api/chat/{id}/", { params: { path: { id } } })) });
}

/** Forgets the room after leaving it, and fetches what shows membership. */
export function useForget(id: number) {
  const cache = useQueryClient();
  return () => {
    cache.removeQueries({ queryKey: keys.room(id) });
    postChanged(cache, id);
  };
}

/** For somebody who is not in the room, perhaps since a moment ago: posts may still show the opposite. */
export function useOutside(id: number) {
  const cache = useQueryClient();
  useEffect(() => postChanged(cache, id), [cache, id]);
}
