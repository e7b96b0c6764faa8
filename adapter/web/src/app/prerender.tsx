// Writes the first page as a stranger sees it, when the app is built: see scripts/finish.mjs.

import { StrictMode } from "react";
import { prerender } from "react-dom/static";
import { StaticRouter } from "react-router";
import { App } from "./App";

export async function landing(): Promise<string> {
  const { prelude } = await prerender(
    <StrictMode>
      <App Router={({ children }) => <StaticRouter location="/">{children}</StaticRouter>} />
    </StrictMode>,
    { progressiveChunkSize: Infinity },
  );
  return new Response(prelude).text();
}
