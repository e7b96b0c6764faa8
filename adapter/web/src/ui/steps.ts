// Steps through the history, heard before the router hears them: App.tsx loads
// this before it starts the router, and a window tells its listeners in their order.

let hear: ((event: PopStateEvent) => void) | null = null;

addEventListener("popstate", (event) => hear?.(event));

/** Hears of Back and Forward first, and may keep them from the router by `stopImmediatePropagation`. Returns how to stop. */
export function hearSteps(heard: (event: PopStateEvent) => void): () => void {
  hear = heard;
  return () => {
    if (hear === heard) hear = null;
  };
}

/** How far along the history one is; the router counts it there. */
export function stepsTaken(): number {
  return (history.state as { idx?: number } | null)?.idx ?? 0;
}
