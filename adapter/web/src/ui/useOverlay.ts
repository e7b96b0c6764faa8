import { useContext, useEffect, useId, useLayoutEffect, useRef } from "react";
import { UNSAFE_DataRouterContext as DataRouter, useLocation, useNavigate, type Location } from "react-router";

export type Overlay = {
  open: boolean;
  /** Opens it, replacing an overlay that is already open. */
  show: () => void;
  /** Closes it. Wait for the promise before you navigate: it resolves when the history entry is gone. */
  close: () => Promise<void>;
};

type State = { overlay?: string; under?: string } | null;

/** Names the entry of the history that the page has, whatever lies over it. */
export const entryOf = ({ key, state }: Location): string => (state as State)?.under ?? key;

const overlayId = (location: Location | null) => (location?.state as State)?.overlay;

/**
 * Something over the page: a menu, a dialog, a sheet. While it is open it has one
 * history entry, so that Back closes it and nothing else, and Forward reopens it.
 */
export function useOverlay(): Overlay {
  const id = useId();
  const navigate = useNavigate();
  const location = useLocation();
  const open = overlayId(location) === id;

  // Where the router is already, which React may not have rendered yet: a press right after a
  // navigation must not take its old address along. Null after unmount.
  const { router } = useContext(DataRouter)!;
  const mounted = useRef(false);
  useLayoutEffect(() => {
    mounted.current = true;
    return () => {
      mounted.current = false;
    };
  }, []);
  const here = () => (mounted.current ? (router.state.location as Location<State>) : null);

  const closing = useRef<{ done: Promise<void>; resolve: () => void } | null>(null);
  useEffect(() => {
    if (!open) return;
    return () => {
      closing.current?.resolve();
      closing.current = null;
    };
  }, [open]);

  return {
    open,
    show() {
      const now = here();
      if (!now) return;
      const { pathname, search, hash, state } = now;
      void navigate(
        { pathname, search, hash },
        { state: { ...state, overlay: id, under: entryOf(now) }, replace: overlayId(now) !== undefined, preventScrollReset: true },
      );
    },
    close() {
      if (overlayId(here()) !== id) return Promise.resolve();
      if (!closing.current) {
        let resolve = () => {};
        const done = new Promise<void>((now) => (resolve = now));
        closing.current = { done, resolve };
        void navigate(-1);
      }
      return closing.current.done;
    },
  };
}

/**
 * Call before the router is created: useId gives the same ids after a reload, so a kept
 * entry would reopen its overlay. history.back() is asynchronous: the router leaves the
 * entry with the popstate event that follows.
 */
export function leaveOldOverlay() {
  // usr: where React Router keeps location.state.
  const { usr } = (history.state ?? {}) as { usr?: State };
  if (usr?.overlay) history.back();
}
