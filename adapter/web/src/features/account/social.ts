import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, ok, Refused, type Schemas } from "../../api/client";
import { keys } from "../../api/keys";
import { begin } from "../../api/session";
import { account } from "../../words/account";

/** Who else can say who one is. It only helps: without an answer there is the password. */
export const providersQuery = queryOptions({
  queryKey: keys.providers,
  queryFn: ({ signal }) => ok(api.GET("/api/user/social/", { signal })),
  staleTime: Infinity,
  retry: false,
});

/** How one can sign in. */
export const waysQuery = queryOptions({
  queryKey: keys.waysToSignIn,
  queryFn: ({ signal }) => ok(api.GET("/api/user/social/linked/", { signal })),
  refetchOnMount: "always",
});

/** Who has come from a provider for the first time. */
export const pendingQuery = queryOptions({
  queryKey: keys.pendingSignUp,
  queryFn: ({ signal }) => ok(api.GET("/api/user/social/pending/", { signal })),
  staleTime: Infinity,
  refetchOnWindowFocus: false,
});

/** Leaves the app for a provider, which leads back to /social. */
export function useLeaveFor() {
  return useMutation({
    mutationFn: ({ provider, next, link = false }: { provider: string; next: string; link?: boolean }) =>
      ok(api.POST("/api/user/social/start/{provider}/", { params: { path: { provider } }, body: { next, link } })),
    onSuccess: ({ url }) => location.assign(url),
  });
}

export function useRegisterPending() {
  return useMutation({
    mutationFn: (body: Schemas["RegisterPendingBody"]) => ok(api.POST("/api/user/social/pending/", { body })),
    onSuccess: ({ user }) => begin(user),
  });
}

/** Cuts a link. One that is not there is cut. */
export function useUnlink() {
  const cache = useQueryClient();
  const { queryKey } = waysQuery;
  return useMutation({
    mutationFn: (provider: string) =>
      ok(api.DELETE("/api/user/social/linked/{provider}/", { params: { path: { provider } } })).catch((error: unknown) => {
        if (!(error instanceof Refused) || error.code !== "not_linked") throw error;
      }),
    onSuccess: async (_none, provider) => {
      await cache.cancelQueries({ queryKey });
      cache.setQueryData(queryKey, (ways) => ways && { ...ways, linked: ways.linked.filter((one) => one.provider !== provider) });
    },
  });
}

/** The name of a provider, also where nobody was asked for it. */
export function nameOf(provider: string): string {
  return account.social.names[provider as keyof typeof account.social.names] ?? provider;
}

/** Within the browsers of other apps Google signs nobody in. "kakaotalk": that one can open another browser. */
export function within(agent: string): "kakaotalk" | "app" | null {
  if (agent.includes("KAKAOTALK")) return "kakaotalk";
  return /Instagram|FBA[NV]\/|NAVER\(|Line\/|; wv\)/.test(agent) ? "app" : null;
}
