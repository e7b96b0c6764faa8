const maxWait = 5000;
const loading = "#root:empty, [aria-busy=true]";

/** Runs `work` when the browser is idle. Returns how to cancel it. */
export function whenIdle(work: () => void): () => void {
  // Safari has no idle callback.
  if (typeof requestIdleCallback !== "function") {
    const timer = setTimeout(work, 200);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(work, { timeout: 3000 });
  return () => cancelIdleCallback(handle);
}

/** Runs `work` once nothing on the page is loading, and the browser is idle. Returns how to cancel it. */
export function whenLoaded(work: () => void): () => void {
  const since = performance.now();
  let cancelIdle = () => {};
  let timer = setTimeout(check, 100);
  function check() {
    const busy = document.readyState !== "complete" || document.querySelector(loading) !== null;
    if (busy && performance.now() - since < maxWait) timer = setTimeout(check, 100);
    else cancelIdle = whenIdle(work);
  }
  return () => {
    clearTimeout(timer);
    cancelIdle();
  };
}
