import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, ok, Refused, type Schemas } from "../../api/client";
import { keys } from "../../api/keys";
import { begin, current, leave } from "../../api/session";
import { rememberPlace } from "../../api/storage";

export function useSignIn() {
  return useMutation({
    mutationFn: (body: Schemas["SignInBody"]) => ok(api.POST("/api/user/login/", { body })),
    onSuccess: ({ user }) => begin(user),
  });
}

/** The server is told first: who is not online stays signed in, and sees why. */
export function useSignOut() {
  return useMutation({
    mutationFn: () => leave(() => ok(api.POST("/api/user/logout/"))),
  });
}

export function useRegister() {
  return useMutation({
    mutationFn: (body: Schemas["RegisterBody"]) => ok(api.POST("/api/user/register/", { body })),
    onSuccess: ({ user }) => begin(user),
  });
}

/** Changes name or address. The neighbourhoods of this device are remembered. */
export function useUpdate() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["UpdateUserBody"]) => ok(api.POST("/api/user/update/", { body })),
    onSuccess: ({ user }) => {
      const { user: before } = current();
      if (before && before.address !== user.address) {
        if (before.address_official !== false) rememberPlace(user.id, before.address);
        rememberPlace(user.id, user.address);
      }
      begin(user);
      // Another address is another board, and the name stands in posts and rooms.
      void cache.invalidateQueries();
    },
  });
}

export function useChangePassword() {
  return useMutation({
    mutationFn: (body: Schemas["ChangePasswordBody"]) => ok(api.POST("/api/user/changepassword/", { body })),
    onSuccess: ({ user }) => begin(user),
  });
}

/** Where one is signed in. */
export const signInsQuery = queryOptions({
  queryKey: keys.devices,
  queryFn: ({ signal }) => ok(api.GET("/api/user/sessions/", { signal })),
  refetchOnMount: "always",
  refetchOnWindowFocus: "always",
});

/** Ends one sign-in. One that had ended by itself is ended, too. */
export function useEndSignIn() {
  const cache = useQueryClient();
  const { queryKey } = signInsQuery;
  return useMutation({
    mutationFn: (id: number) =>
      ok(api.DELETE("/api/user/sessions/{id}/", { params: { path: { id } } })).catch((error: unknown) => {
        if (!(error instanceof Refused) || error.code !== "session_not_found") throw error;
      }),
    onSuccess: async (_none, id) => {
      await cache.cancelQueries({ queryKey });
      cache.setQueryData(queryKey, (all) => all?.filter((one) => one.id !== id));
    },
  });
}

/** Ends every sign-in, this one too. */
export function useEndAll() {
  return useMutation({
    mutationFn: () => leave(() => ok(api.DELETE("/api/user/sessions/"))),
  });
}

export function useWithdraw() {
  return useMutation({
    mutationFn: (body: Schemas["WithdrawBody"]) => leave(() => ok(api.POST("/api/user/delete/", { body }))),
  });
}
