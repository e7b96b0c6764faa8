// A small script of its own that runs before the first paint, while the app is still
// loading: it applies the theme and sends the first requests. It imports no React.

import { ask, askToken } from "../api/early";
import { readUser } from "../api/storage";
import { applyTheme, chosenTheme } from "./applyTheme";

applyTheme(chosenTheme());

const { pathname, search } = location;
/** The app's scripts, on a page with a prerendered screen. */
const scripts = document.currentScript?.dataset.app?.split(" ") ?? [];
const known = readUser();

if (known && pathname === "/" && !search) {
  location.replace("/board");
} else {
  if (known && pathname === "/board" && !search) {
    // Shows the prerendered frame.
    document.documentElement.dataset.frame = "";
    ask("/api/post/", known).catch(() => {}); // the app asks again and tells
  } else if (known) {
    askToken();
  }
  if (scripts.length) afterPaint(loadApp);
}

function loadApp() {
  for (const src of scripts) document.head.append(Object.assign(document.createElement("script"), { type: "module", crossOrigin: "", src }));
}

/** What is seen first comes first; a tab in the background paints nothing. */
function afterPaint(run: () => void) {
  if (document.hidden) return run();
  new PerformanceObserver((_, observer) => {
    observer.disconnect();
    run();
  }).observe({ type: "paint", buffered: true });
}
