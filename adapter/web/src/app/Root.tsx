import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState, type ReactNode } from "react";
import { Outlet, ScrollRestoration, type Location } from "react-router";
import { current, keep, subscribe, useSession } from "../api/session";
import { clearDrafts, clearLastSeen, clearOldDrafts, clearPlaces } from "../api/storage";
import { onFirstToast } from "../ui/toast";
import { newQueryClient } from "./queryClient";
import { useDoubleTaps } from "./useDoubleTaps";

const Toaster = lazy(() => import("../ui/Toaster"));

/** Every document calls its first entry "default": that of another address has its own place. */
const scrollKey = ({ key, pathname, search }: Location) => (key === "default" ? `${key} ${pathname}${search}` : key);

/** What every screen has: the cache, scroll positions, toasts. */
export function Root() {
  useEffect(keep, []);
  useDoubleTaps();
  useEffect(clearOldDrafts, []);
  useEffect(() => {
    const forget = () => clearLastSeen(current().user?.id);
    forget();
    return subscribe(forget);
  }, []);
  useEffect(
    () =>
      subscribe(() => {
        if (current().ended !== "chosen") return;
        clearDrafts();
        clearPlaces();
      }),
    [],
  );
  return (
    <Cache>
      <Outlet />
      <ScrollRestoration getKey={scrollKey} />
      <Toasts />
    </Cache>
  );
}

/** Each person has a cache of their own; nothing in it outlives signing out. */
function Cache({ children }: { children: ReactNode }) {
  const id = useSession().user?.id;
  const [cache, setCache] = useState(() => ({ id, client: newQueryClient(id) }));
  let now = cache;
  if (cache.id !== id) {
    now = { id, client: newQueryClient(id) };
    setCache(now);
  }
  return <QueryClientProvider client={now.client}>{children}</QueryClientProvider>;
}

function Toasts() {
  const [any, setAny] = useState(false);
  useEffect(() => onFirstToast(() => setAny(true)), []);
  return any ? (
    <Suspense fallback={null}>
      <Toaster />
    </Suspense>
  ) : null;
}
