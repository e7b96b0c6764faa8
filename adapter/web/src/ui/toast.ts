export type Toast = {
  id: number;
  text: string;
  tone: "plain" | "bad";
  action: { label: string; run: () => void } | null;
};

const waiting: Toast[] = [];
let show: ((toast: Toast) => void) | null = null;
let onFirst: (() => void) | null = null;
let count = 0;

/** Shows a short sentence at the edge of the screen that disappears by itself. Not for questions. */
export function toast(text: string, { tone = "plain", action = null }: { tone?: Toast["tone"]; action?: Toast["action"] } = {}) {
  const one: Toast = { id: ++count, text, tone, action };
  if (show) show(one);
  else {
    waiting.push(one);
    onFirst?.();
  }
}

/** For the frame of the app: calls `then` at the first toast, to load what shows them. */
export function onFirstToast(then: () => void): () => void {
  onFirst = then;
  if (waiting.length > 0) then();
  return () => {
    onFirst = null;
  };
}

/** For the component that shows them. */
export function takeToasts(showToast: (toast: Toast) => void): () => void {
  show = showToast;
  waiting.splice(0).forEach(showToast);
  return () => {
    show = null;
  };
}
