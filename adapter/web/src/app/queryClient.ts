import { onlineManager, QueryClient } from "@tanstack/react-query";
import { Refused } from "../api/client";

// It believes to be online until it hears otherwise: a page opened without a network would not notice when there is one.
onlineManager.setOnline(navigator.onLine);

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
