import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState, type ReactNode } from "react";
import { Outlet, ScrollRestoration } from "react-router";
import { current, keep, subscribe, useSession } from "../api/session";
import { clearDrafts } from "../api/storage";
import { onFirstToast } from "../ui/toast";
import { newQueryClient } from "./queryClient";

const Toaster = lazy(() => import("../ui/Toaster"));

/** What every screen has: the cache, scroll positions, toasts. */
export function Root() {
  useEffect(keep, []);
  useEffect(
    () =>
      subscribe(() => {
        if (current().ended === "chosen") clearDrafts();
      }),
    [],
  );
  return (
    <Cache>
      <Outlet />
      <ScrollRestoration />
      <Toasts />
    </Cache>
  );
}

/** Each person has a cache of their own; nothing in it outlives signing out. */
function Cache({ children }: { children: ReactNode }) {
  const id = useSession().user?.id;
  const [cache, setCache] = useState(() => ({ id, client: newQueryClient() }));
  let now = cache;
  if (cache.id !== id) {
    now = { id, client: newQueryClient() };
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
