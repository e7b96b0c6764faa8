import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ComponentType, lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { BrowserRouter } from "react-router";
import { current, keep, subscribe, useSession } from "../api/session";
import "../ui/steps";
import { onFirstToast } from "../ui/toast";
import { clearDrafts } from "../ui/useDraft";
import { Boundary } from "./Boundary";
import { newQueryClient } from "./queryClient";
import { AppRoutes } from "./routes";

const Toaster = lazy(() => import("../ui/Toaster"));

type Props = {
  /** Another one only where there is no browser: see prerender.tsx. */
  Router?: ComponentType<{ children: ReactNode }> | undefined;
  /** What is known already for who is signed in at first. */
  cache?: QueryClient | undefined;
};

export function App({ Router = BrowserRouter, cache }: Props) {
  useEffect(keep, []);
  useEffect(
    () =>
      subscribe(() => {
        if (current().ended === "chosen") clearDrafts();
      }),
    [],
  );
  return (
    <Router>
      <Boundary whole>
        <Cache first={cache}>
          <AppRoutes />
        </Cache>
      </Boundary>
      <Toasts />
    </Router>
  );
}

/** Each person has a cache of their own; nothing of it outlives signing out. */
function Cache({ first, children }: { first: QueryClient | undefined; children: ReactNode }) {
  const id = useSession().user?.id;
  const [cache, setCache] = useState(() => ({ id, client: first ?? newQueryClient() }));
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
