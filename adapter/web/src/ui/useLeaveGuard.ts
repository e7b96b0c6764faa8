import { useCallback, useEffect, useRef, useState } from "react";
import { hearSteps, stepsTaken } from "./steps";

/**
 * Holds on to a page with something unsaved on it. While `armed`, a link, Back or
 * Forward does not lead away but sets `asking`; then `leave()` goes where one wanted
 * to, and `stay()` does not. The browser itself asks before a reload or the end of
 * the tab. `disarm()` lets the next step pass, such as the one after saving.
 */
export function useLeaveGuard(armed: boolean) {
  const [onward, setOnward] = useState<(() => void) | null>(null);
  const off = useRef(false);

  useEffect(() => {
    if (!armed) return;
    off.current = false;
    const here = stepsTaken();
    let returning = false;

    const unload = (event: BeforeUnloadEvent) => {
      if (!off.current) event.preventDefault();
    };
    const click = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest("a") : null;
      if (off.current || !link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      if (link.target === "_blank" || link.hasAttribute("download") || link.origin !== location.origin) return;
      if (link.hash && link.pathname === location.pathname) return;
      event.preventDefault();
      event.stopPropagation();
      setOnward(() => () => link.click());
    };
    const deaf = hearSteps((event) => {
      if (returning) {
        returning = false;
        event.stopImmediatePropagation();
        return;
      }
      const steps = stepsTaken() - here;
      if (off.current || !steps) return;
      event.stopImmediatePropagation();
      returning = true;
      history.go(-steps);
      setOnward(() => () => history.go(steps));
    });
    addEventListener("beforeunload", unload);
    document.addEventListener("click", click, { capture: true });
    return () => {
      removeEventListener("beforeunload", unload);
      deaf();
      document.removeEventListener("click", click, { capture: true });
    };
  }, [armed]);

  const disarm = useCallback(() => {
    off.current = true;
  }, []);
  const stay = useCallback(() => setOnward(null), []);
  const leave = useCallback(() => {
    off.current = true;
    setOnward(null);
    onward?.();
  }, [onward]);
  return { asking: onward !== null, stay, leave, disarm };
}
