export type Toast = {
  id: number;
  text: string;
  tone: "plain" | "bad";
  action: { label: string; run: () => void } | null;
};

const waiting: Toast[] = [];
let show: ((toast: Toast) => void) | null = null;
let wake: (() => void) | null = null;
let count = 0;

/** A short sentence at the edge of the screen that goes away by itself. Not for what must be answered. */
export function toast(text: string, { tone = "plain", action = null }: { tone?: Toast["tone"]; action?: Toast["action"] } = {}) {
  const one: Toast = { id: ++count, text, tone, action };
  if (show) show(one);
  else {
    waiting.push(one);
    wake?.();
  }
}

/** For the frame of the app: it hears of the first toast and then loads what draws them. */
export function onFirstToast(then: () => void): () => void {
  wake = then;
  if (waiting.length > 0) then();
  return () => {
    wake = null;
  };
}

/** For what draws them. */
export function takeToasts(draw: (toast: Toast) => void): () => void {
  show = draw;
  waiting.splice(0).forEach(draw);
  return () => {
    show = null;
  };
}
