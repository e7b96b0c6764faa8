// Nodes of a release replace those of another one by one. Meanwhile a page may ask the
// wrong node for its files. The page is then loaded anew, once. If that does not help, it
// says so and tries again.

import { readReload, writeReload } from "../api/storage";
import { pages } from "../words/ko";

const restMs = 60_000;
const retryMs = 5_000;

/** Reloads the page, unless it has reloaded by itself in the last minute or is offline. Returns whether it does. */
export function reloadOnce(): boolean {
  const now = Date.now();
  if (!navigator.onLine || now - readReload() < restMs) return false;
  writeReload(now);
  if (readReload() !== now) return false; // without storage it might never stop
  location.reload();
  return true;
}

/** Marks the page as started: from then on the app itself handles what it cannot load. */
export const markStarted = () => (document.documentElement.dataset.started = "");
const hasStarted = () => "started" in document.documentElement.dataset;

/** Whether a file is missing without which the page cannot start. Scripts that did load look at it. */
export const isMissing = () => "missing" in document.documentElement.dataset;

/** Handles a file without which the page cannot start. */
export function handleMissing() {
  if (isMissing() || hasStarted()) return;
  document.documentElement.dataset.missing = "";
  if (reloadOnce()) return;
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", tell);
  else tell();
}

/** Watches for scripts and styles that do not load before the app has started. */
export function watchFiles() {
  const isOurs = (url: string) => new URL(url, location.href).pathname.startsWith("/assets/");
  const onError = ({ target }: Event) => {
    if (target instanceof HTMLScriptElement && isOurs(target.src)) handleMissing();
    if (target instanceof HTMLLinkElement && target.rel === "stylesheet" && isOurs(target.href)) handleMissing();
  };
  addEventListener("error", onError, true);
  document.documentElement.dataset.watched = "";
}

export const isWatched = () => "watched" in document.documentElement.dataset;

/** Replaces the page by a message. Its styles may be what is missing. */
function tell() {
  const { onLine } = navigator;
  const box = document.createElement("main");
  box.setAttribute("role", "status");
  Object.assign(box.style, { maxWidth: "24rem", margin: "20vh auto 0", padding: "1rem", textAlign: "center", font: "1rem/1.6 system-ui, sans-serif" });
  const title = Object.assign(document.createElement("h1"), { textContent: onLine ? pages.updatingTitle : pages.offlineTitle });
  title.style.fontSize = "1.25rem";
  const text = Object.assign(document.createElement("p"), { textContent: onLine ? pages.updatingText : pages.offlineText });
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: pages.reload, onclick: () => location.reload() });
  Object.assign(button.style, { minHeight: "3rem", padding: "0 1.5rem", font: "inherit" });
  box.append(title, text, button);
  document.body.replaceChildren(box);
  if (onLine) setTimeout(() => location.reload(), retryMs);
  else addEventListener("online", () => location.reload());
}
