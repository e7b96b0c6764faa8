import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, ok, type Schemas } from "../../api/client";
import { begin, end } from "../../api/session";

export function useSignIn() {
  return useMutation({
    mutationFn: (body: Schemas["SignInBody"]) => ok(api.POST("/api/user/login/", { body })),
    onSuccess: ({ user }) => begin(user),
  });
}

/** The server is told first: who is not online stays signed in, and sees why. */
export function useSignOut() {
  return useMutation({
    mutationFn: () => ok(api.POST("/api/user/logout/")),
    onSuccess: () => end(),
  });
}

export function useRegister() {
  return useMutation({
    mutationFn: (body: Schemas["RegisterBody"]) => ok(api.POST("/api/user/register/", { body })),
    onSuccess: ({ user }) => begin(user),
  });
}

export function useUpdate() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["UpdateUserBody"]) => ok(api.POST("/api/user/update/", { body })),
    onSuccess: ({ user }) => {
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

export function useWithdraw() {
  return useMutation({
    mutationFn: (body: Schemas["WithdrawBody"]) => ok(api.POST("/api/user/delete/", { body })),
    onSuccess: () => end(),
  });
}
