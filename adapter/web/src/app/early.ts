// Runs before the first paint: applies the theme, and sends the first requests while the
// app loads. scripts/finish.mjs builds it as a classic script, since modules have no
// document.currentScript. It imports no React.

import { prefetch, prefetchToken } from "../api/prefetch";
import { readUser } from "../api/storage";
import { applyTheme, chosenTheme } from "./applyTheme";
import { watchFiles } from "./missing";

watchFiles();
applyTheme(chosenTheme());

const { pathname, search } = location;
/** The app's module scripts, from data-app; empty unless scripts/finish.mjs prerendered the page. */
const scripts = document.currentScript?.dataset.app?.split(" ") ?? [];
const lastUser = readUser();

// A signed-in user's home is the board. With a query, such as next, the app decides.
if (lastUser && pathname === "/" && !search) {
  location.replace("/board");
} else {
  if (lastUser && pathname === "/board" && !search) {
    // Shows the prerendered frame. With a query the board has other posts.
    document.documentElement.dataset.frame = "";
    prefetch("/api/post/?state=recruiting", lastUser).catch(() => {}); // the app repeats the request and shows the error
  } else if (lastUser) {
    prefetchToken();
  }
  // Otherwise the root is hidden, and nothing is painted to wait for.
  const prerendered = pathname === "/" || "frame" in document.documentElement.dataset;
  if (scripts.length && prerendered) afterPaint(loadApp);
  else loadApp();
}

function loadApp() {
  for (const src of scripts) document.head.append(Object.assign(document.createElement("script"), { type: "module", crossOrigin: "", src }));
}

/**
 * Runs after the first paint, or at once in a hidden tab, which paints nothing. A tab that
 * is hidden between the check and the paint runs it when it is shown.
 */
function afterPaint(run: () => void) {
  if (document.hidden) return run();
  new PerformanceObserver((_, observer) => {
    observer.disconnect();
    run();
  }).observe({ type: "paint", buffered: true });
}
