// Renders the first screens at build time: see scripts/finish.mjs.

import { StrictMode, type ReactNode } from "react";
import { prerender } from "react-dom/static";
import { createStaticHandler, createStaticRouter, StaticRouterProvider, type RouteObject } from "react-router";
import { Board } from "./pages/Board";
import { Root } from "./Root";
import { routes } from "./routes";
import { Shell } from "./Shell";

/** The landing page, as a stranger sees it; the app hydrates it. */
export const landing = () => render("/", routes);

/** The board before anything is known: who it is for, and the posts. The app replaces it. */
export const board = () => render("/board", [{ element: <Root />, children: [{ element: <Shell />, children: [{ path: "board", element: <Board /> }] }] }]);

/** The paths of all screens, like "posts/:id", for the server: it answers 404 for all others. */
export const paths = pathsOf(routes).filter((path) => path !== "" && path !== "*");

function pathsOf(routes: RouteObject[]): string[] {
  return routes.flatMap(({ path = "", children }) => (children ? pathsOf(children).map((below) => (path ? `${path}/${below}` : below)) : [path]));
}

async function render(path: string, routes: RouteObject[]): Promise<string> {
  const handler = createStaticHandler(routes);
  const context = await handler.query(new Request(new URL(path, "http://localhost")));
  if (context instanceof Response) throw new Error(`${path} redirects`);
  const screen: ReactNode = <StaticRouterProvider router={createStaticRouter(handler.dataRoutes, context)} context={context} hydrate={false} />;
  const { prelude } = await prerender(<StrictMode>{screen}</StrictMode>, { progressiveChunkSize: Infinity });
  return new Response(prelude).text();
}
