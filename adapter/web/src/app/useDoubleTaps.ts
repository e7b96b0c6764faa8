import { useEffect, useRef } from "react";
import { useLocation } from "react-router";

/** How long a new screen takes no second tap on the spot that led to it. */
const pause = 500;
const spot = 24;

/** What a click is on: the arrow back of two screens is the same thing, and may be pressed twice. */
function nameOf(target: EventTarget | null): string | null {
  const control = target instanceof Element ? target.closest("a, button") : null;
  return control && (control.getAttribute("aria-label") ?? control.textContent);
}

/**
 * The second tap of a double tap may meet another screen than the first: the one that 글 올리기 leads to has
 * the way into the room in the same place. It was not meant for what is there now, and does nothing.
 */
export function useDoubleTaps() {
  const { pathname } = useLocation();
  const changed = useRef(-Infinity);
  useEffect(() => {
    changed.current = performance.now();
  }, [pathname]);

  useEffect(() => {
    let last: { x: number; y: number; at: number; name: string | null } | null = null;
    function onClick(event: MouseEvent) {
      if (!event.isTrusted || event.detail === 0) return; // from a script or the keyboard
      const { clientX: x, clientY: y } = event;
      const at = performance.now();
      const name = nameOf(event.target);
      const again = last !== null && Math.hypot(x - last.x, y - last.y) < spot && last.at < changed.current && last.name !== name;
      if (again && at - changed.current < pause) {
        event.preventDefault();
        event.stopPropagation();
      }
      last = { x, y, at, name };
    }
    window.addEventListener("click", onClick, true);
    return () => window.removeEventListener("click", onClick, true);
  }, []);
}
