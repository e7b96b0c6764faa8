import { onlineManager, QueryClient } from "@tanstack/react-query";
import { Refused } from "../api/client";
import { keepLastSeen } from "./lastSeen";

// It assumes to be online until an event says otherwise. A page that was opened offline would miss the first one.
onlineManager.setOnline(navigator.onLine);

/** Answers are fresh for half a minute. Only transient errors are retried; being offline is shown, not waited out. A reconnect fetches what is on screen. `me`: whose it is. */
export function newQueryClient(me?: number): QueryClient {
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        networkMode: "always",
        refetchOnReconnect: true,
        retry: (failures, error) => error instanceof Refused && error.transient && navigator.onLine && failures < 2,
      },
      mutations: { networkMode: "always" },
    },
  });
  if (me) keepLastSeen(client, me);
  return client;
}
