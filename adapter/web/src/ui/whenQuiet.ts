const patience = 5000;
const loading = "#root:empty, [aria-busy=true]";

/**
 * Does something that can wait: once the page and what it shows are here, and
 * the browser has nothing better to do. Returns how to call it off.
 */
export function whenQuiet(work: () => void): () => void {
  const since = performance.now();
  let timer = 0;
  let idle = 0;
  const look = () => {
    const busy = document.readyState !== "complete" || document.querySelector(loading) !== null;
    if (busy && performance.now() - since < patience) timer = window.setTimeout(look, 100);
    else if (typeof requestIdleCallback === "function") idle = requestIdleCallback(work, { timeout: 3000 });
    else timer = window.setTimeout(work, 200); // Safari has no idle callback
  };
  timer = window.setTimeout(look, 100);
  return () => {
    window.clearTimeout(timer);
    if (idle) cancelIdleCallback(idle);
  };
}
