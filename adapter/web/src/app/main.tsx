import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "../ui/tokens.css";
import "../ui/base.css";
import "./theme";
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
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);

// The letters come after the first picture; a font of the same width stands in until then.
const letters = () => void import("./fonts");
if ("requestIdleCallback" in window) requestIdleCallback(letters);
else setTimeout(letters, 200);

if (import.meta.env.PROD && "serviceWorker" in navigator) {
  addEventListener("load", () => void navigator.serviceWorker.register("/sw.js").catch(() => {}));
}
