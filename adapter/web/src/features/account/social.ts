import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
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

/** Who has come from a provider for the first time, by the sign-in that is to go on. */
export const pendingQuery = (attempt: string | null) =>
  queryOptions({
    queryKey: keys.pendingSignUp(attempt),
    queryFn: ({ signal }) => ok(api.GET("/api/user/social/pending/", { params: { query: attempt === null ? {} : { attempt } }, signal })),
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });

/** Leaves the app for a provider, which leads back to /social. */
export function useLeaveFor() {
  return useMutation({
    mutationFn: ({ provider, ...body }: { provider: string; next: string; link?: boolean; password?: string }) =>
      ok(api.POST("/api/user/social/start/{provider}/", { params: { path: { provider } }, body: { link: false, ...body } })),
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
    mutationFn: ({ provider, password }: { provider: string; password?: string }) =>
      ok(api.DELETE("/api/user/social/linked/{provider}/", { params: { path: { provider } }, body: { ...(password && { password }) } })).catch((error: unknown) => {
        if (!(error instanceof Refused) || error.code !== "not_linked") throw error;
      }),
    onSuccess: async (_none, { provider }) => {
      await cache.cancelQueries({ queryKey });
      cache.setQueryData(queryKey, (ways) => ways && { ...ways, linked: ways.linked.filter((one) => one.provider !== provider) });
    },
  });
}

/** How this server calls its providers. null while that is asked. */
export function useProviderName(): ((provider: string) => string) | null {
  const { data, isPending } = useQuery(providersQuery);
  if (isPending) return null;
  const { names, someName } = account.social;
  return (provider) => data?.find((one) => one.provider === provider)?.name ?? names[provider as keyof typeof names] ?? someName;
}

/** Within the browsers of other apps Google signs nobody in. "kakaotalk": that one can open another browser. */
export function within(agent: string): "kakaotalk" | "app" | null {
  if (agent.includes("KAKAOTALK")) return "kakaotalk";
  return /Instagram|FBA[NV]\/|NAVER\(|Line\/|; wv\)/.test(agent) ? "app" : null;
}
