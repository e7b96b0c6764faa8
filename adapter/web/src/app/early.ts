// A small script of its own that runs before anything is painted, while the rest
// of the app is still on its way: see scripts/early.ts.

import { ask } from "../api/early";
import { read as user } from "../api/kept";
import pictures from "../ui/food.svg?no-inline";
import { apply, read as theme } from "./ground";

apply(theme());

/** The scripts of the app, on a page that has its first screen without them. */
const scripts = document.currentScript?.dataset.app?.split(" ") ?? [];

function start() {
  for (const src of scripts) document.head.append(Object.assign(document.createElement("script"), { type: "module", crossOrigin: "", src }));
}

const { pathname, search } = location;
const known = user();
// The first screen goes first; its links work by themselves.
if (known || !scripts.length) start();
else {
  const painted = new PerformanceObserver(() => {
    painted.disconnect();
    start();
  });
  painted.observe({ type: "paint", buffered: true });
}
if (known) {
  // The first page is for strangers; whoever is known is led on to the board.
  document.documentElement.dataset.known = "";
  if (pathname === "/" || (pathname === "/board" && !search)) {
    ask("/api/post/", `token ${known.token}`);
    fetch(pictures).catch(() => {}); // the browser keeps it
  }
}
