import { StrictMode } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { createBrowserRouter, RouterProvider } from "react-router";
import "../ui/tokens.css";
import "../ui/base.css";
import "./theme";
import { current, renew } from "../api/session";
import { readReload, writeReload } from "../api/storage";
import { leaveOldOverlay } from "../ui/useOverlay";
import { whenQuiet } from "../ui/whenQuiet";
import { routes } from "./routes";

// After a new release the files that an open page asks for are gone: reload once.
addEventListener("vite:preloadError", (event) => {
  if (!navigator.onLine || Date.now() - readReload() < 60_000) return;
  event.preventDefault();
  writeReload(Date.now());
  location.reload();
});

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
const frame = root.hidden;
if (root.hasChildNodes() && !frame && !user) {
  hydrateRoot(root, app); // the landing page
} else {
  if (!user) root.replaceChildren();
  // React replaces the frame when it renders for the first time.
  createRoot(root).render(app);
}
root.hidden = false;

whenQuiet(() => {
  // The font comes after the first paint unless data is to be saved; a fallback of the same width stands in until then.
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  if (!connection?.saveData) import("./fonts").catch(() => {}); // the fallback stays
  if (import.meta.env.PROD && "serviceWorker" in navigator) void navigator.serviceWorker.register("/sw.js").catch(() => {});
});
