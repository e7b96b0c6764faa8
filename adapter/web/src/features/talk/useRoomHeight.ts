import { useLayoutEffect, useRef, type RefObject } from "react";
import { useOnline } from "../../ui/Status";

/**
 * Makes a page that fills the screen leave out what lies above it and, where a
 * keyboard covers the page instead of shrinking it, what lies under the keyboard.
 */
export function useRoomHeight(): RefObject<HTMLDivElement | null> {
  const ref = useRef<HTMLDivElement>(null);
  const online = useOnline(); // a line at the top comes and goes with it

  useLayoutEffect(() => {
    const room = ref.current;
    const view = window.visualViewport;
    if (!room) return;
    const fit = () => {
      const above = room.getBoundingClientRect().top + scrollY;
      const zoomed = (view?.scale ?? 1) > 1.01;
      const covered = view && !zoomed ? Math.max(0, innerHeight - view.height) : 0;
      room.style.setProperty("--frame-top", `${above + covered}px`);
      // Some phones push the whole page up for the keyboard; there is no need any more.
      if (covered > 0 && scrollY > 0) scrollTo(0, 0);
    };
    fit();
    view?.addEventListener("resize", fit);
    view?.addEventListener("scroll", fit);
    addEventListener("resize", fit);
    return () => {
      view?.removeEventListener("resize", fit);
      view?.removeEventListener("scroll", fit);
      removeEventListener("resize", fit);
    };
  }, [online]);

  return ref;
}
