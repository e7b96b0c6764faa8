import { QueryClient } from "@tanstack/react-query";
import { Refused } from "../api/client";

/** Answers are fresh for half a minute. Only what may pass is tried again; being offline is said, not waited out. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        networkMode: "always",
        refetchOnReconnect: true,
        retry: (failures, error) => error instanceof Refused && error.passing && navigator.onLine && failures < 2,
      },
      mutations: { networkMode: "always" },
    },
  });
}
