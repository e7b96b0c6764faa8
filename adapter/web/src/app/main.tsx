import { startTransition, StrictMode } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { createBrowserRouter, RouterProvider } from "react-router";
import "../ui/tokens.css";
import "../ui/base.css";
import "./theme";
import { current, renew } from "../api/session";
import { leaveOldOverlay } from "../ui/useOverlay";
import { whenLoaded } from "../ui/idle";
import { isMissing, markStarted, reloadOnce } from "./missing";
import { loadsAhead, routes } from "./routes";

// After a new release the files that an open page asks for may be gone.
addEventListener("vite:preloadError", (event) => {
  if (!loadsAhead() && reloadOnce()) event.preventDefault();
});

if (!isMissing()) start();

function start() {
  markStarted();
  const root = document.getElementById("root");
  if (!root) throw new Error("index.html has no #root");
  const { user } = current();
  const early = window.mealbuddyEarly;
  // app/early.ts has asked already.
  if (user && early) renew(early.signed).catch(() => {});

  leaveOldOverlay();
  const app = (
    <StrictMode>
      <RouterProvider router={createBrowserRouter(routes)} />
    </StrictMode>
  );
  const landing = root.hasChildNodes() && !root.hidden && !user;
  if (!user && !landing) root.replaceChildren();
  root.hidden = false;
  // As a transition it renders in short slices; what was prerendered stays until it is done.
  startTransition(() => {
    if (landing) hydrateRoot(root, app);
    else createRoot(root).render(app);
  });

  whenLoaded(() => {
    // The font comes after the first paint unless data is to be saved; a fallback of the same width stands in until then.
    const { connection } = navigator as { connection?: { saveData?: boolean } };
    if (!connection?.saveData) import("./fonts.css").catch(() => {}); // the fallback stays
    if (import.meta.env.PROD && "serviceWorker" in navigator) void navigator.serviceWorker.register("/sw.js").catch(() => {});
  });
}
