import { useCallback, useEffect, useRef } from "react";
import { useBeforeUnload, useBlocker, type BlockerFunction } from "react-router";

/**
 * Holds on to a page with unsaved changes. While `armed`, a link, Back or Forward
 * sets `asking` instead of leaving; then `leave()` goes on and `stay()` does not.
 * Back stays, too. The browser itself asks before a reload or before the tab closes.
 * `disarm()` lets the next navigation pass, such as the one after saving.
 */
export function useLeaveGuard(armed: boolean) {
  const disarmed = useRef(false);
  const blocker = useBlocker(
    useCallback<BlockerFunction>(
      // An overlay on the same page is no reason to ask.
      ({ currentLocation, nextLocation }) => armed && !disarmed.current && currentLocation.pathname !== nextLocation.pathname,
      [armed],
    ),
  );
  useBeforeUnload(
    useCallback(
      (event) => {
        if (armed && !disarmed.current) event.preventDefault();
      },
      [armed],
    ),
  );

  // Blocked again while asking: that was Back, which closes the question.
  const asking = useRef(false);
  useEffect(() => {
    if (blocker.state === "blocked" && asking.current) blocker.reset();
    asking.current = blocker.state === "blocked";
  }, [blocker]);

  const disarm = useCallback(() => {
    disarmed.current = true;
  }, []);
  const stay = () => {
    if (!disarmed.current) blocker.reset?.();
    return Promise.resolve();
  };
  const leave = () => {
    disarm();
    blocker.proceed?.();
  };
  return { asking: blocker.state === "blocked", stay, leave, disarm };
}
