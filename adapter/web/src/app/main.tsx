import { StrictMode } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import "../ui/tokens.css";
import "../ui/base.css";
import "./theme";
import { current } from "../api/session";
import { whenQuiet } from "../ui/whenQuiet";
import { App } from "./App";

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
const app = (
  <StrictMode>
    <App />
  </StrictMode>
);
if (root.hasChildNodes() && !current().user) {
  hydrateRoot(root, app);
} else {
  root.replaceChildren();
  createRoot(root).render(app);
}
delete document.documentElement.dataset.known;

whenQuiet(() => {
  // The letters come after the first picture, if they cost nothing much; one of the same width stands in until then.
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  if (!connection?.saveData) void import("./fonts");
  if (import.meta.env.PROD && "serviceWorker" in navigator) void navigator.serviceWorker.register("/sw.js").catch(() => {});
});
