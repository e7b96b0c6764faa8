import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Suspense, type ReactElement } from "react";
import { createMemoryRouter, Outlet, RouterProvider, useLocation } from "react-router";
import type { Schemas } from "../api/client";
import { begin } from "../api/session";
import { newQueryClient } from "../app/queryClient";
import Toaster from "../ui/Toaster";
import { ann } from "./server";

type Options = {
  /** The address one is at. */
  at?: string;
  /** The route pattern that `ui` stands at, if it reads params. */
  path?: string;
  /** Who is signed in; null: nobody. */
  as?: Schemas["User"] | null;
};

/**
 * Shows a component as the app would, signed in as ann. Returns a user who types
 * and clicks, the cache, and `here()`: the address one is at now. Every other
 * address shows "at: <address>".
 */
export function show(ui: ReactElement, { at = "/", path = at.split("?")[0]!, as = ann }: Options = {}) {
  if (as) begin(as);
  const cache = newQueryClient(as?.id);
  cache.setDefaultOptions({ queries: { ...cache.getDefaultOptions().queries, retry: false } });
  let address = at;
  function Root() {
    const { pathname, search } = useLocation();
    address = pathname + search;
    return (
      <>
        <Suspense fallback={null}>
          <Outlet />
        </Suspense>
        <Toaster />
      </>
    );
  }
  function Elsewhere() {
    const { pathname, search } = useLocation();
    return <p>{`at: ${pathname}${search}`}</p>;
  }
  const router = createMemoryRouter(
    [
      {
        element: <Root />,
        children: [
          { path, element: ui },
          { path: "*", element: <Elsewhere /> },
        ],
      },
    ],
    { initialEntries: [at] },
  );
  const view = render(
    <QueryClientProvider client={cache}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  return { ...view, user: userEvent.setup(), cache, here: () => address };
}
