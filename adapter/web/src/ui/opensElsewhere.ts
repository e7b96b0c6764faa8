import type { MouseEvent } from "react";

/** Whether a click on a link opens another tab or window, which is the browser's business. */
export function opensElsewhere({ button, metaKey, ctrlKey, shiftKey, altKey }: MouseEvent): boolean {
  return button !== 0 || metaKey || ctrlKey || shiftKey || altKey;
}
