import { StrictMode } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import "../ui/tokens.css";
import "../ui/base.css";
import "./theme";
import { takeShown } from "../api/early";
import { current, renew } from "../api/session";
import { boardQuery } from "../features/party/queries";
import { whenQuiet } from "../ui/whenQuiet";
import { App } from "./App";
import { newQueryClient } from "./queryClient";

// After a new release the files that an open page asks for are gone: begin anew, once.
addEventListener("vite:preloadError", (event) => {
  const last = Number(sessionStorage.getItem("mealbuddy.reloaded") ?? 0);
  if (!navigator.onLine || Date.now() - last < 60_000) return;
  event.preventDefault();
  sessionStorage.setItem("mealbuddy.reloaded", String(Date.now()));
  location.reload();
});

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
const { dataset } = document.documentElement;
const { user } = current();
const cache = newQueryClient();
const early = window.mealbuddyEarly;
// app/early.ts has knocked already.
if (user && early) renew(early.signed).catch(() => {});
const shown = user && takeShown(user.id);
if (shown) cache.setQueryData(boardQuery(user.address, null, 1).queryKey, shown);
const app = (
  <StrictMode>
    <App cache={cache} />
  </StrictMode>
);
// What is in the page already is for strangers, or the board as app/early.ts has made it somebody's.
if (user ? dataset.board === String(user.id) : root.hasChildNodes() && !root.hidden) {
  hydrateRoot(root, app);
} else {
  root.replaceChildren();
  createRoot(root).render(app);
}
root.hidden = false;
delete dataset.known;
delete dataset.board;
early?.pressed?.click();

whenQuiet(() => {
  // The letters come after the first picture, if they cost nothing much; one of the same width stands in until then.
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  if (!connection?.saveData) import("./fonts").catch(() => {}); // or stands in for good
  if (import.meta.env.PROD && "serviceWorker" in navigator) void navigator.serviceWorker.register("/sw.js").catch(() => {});
});
