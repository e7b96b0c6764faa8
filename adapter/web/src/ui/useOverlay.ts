import { useEffect, useId, useLayoutEffect, useRef } from "react";
import { useLocation, useNavigate, type Location } from "react-router";

export type Overlay = {
  open: boolean;
  /** Opens it. An overlay that is open already makes way for it. */
  show: () => void;
  /** Closes it. Resolves once its history entry is gone: the page navigates only then. */
  close: () => Promise<void>;
};

type State = { overlay?: string } | null;

const shown = (location: Location | null) => (location?.state as State)?.overlay;

/**
 * Something over the page: a menu, a dialog, a sheet. While it is open it has one
 * history entry, so that Back closes it and nothing else.
 */
export function useOverlay(): Overlay {
  const id = useId();
  const navigate = useNavigate();
  const location = useLocation();
  const open = shown(location) === id;

  // Handlers outlive the render they come from.
  const latest = useRef<Location | null>(null);
  useLayoutEffect(() => {
    latest.current = location;
    return () => {
      latest.current = null;
    };
  }, [location]);

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
      if (!latest.current) return;
      const { pathname, search, hash, state } = latest.current as Location<State>;
      void navigate(
        { pathname, search, hash },
        { state: { ...state, overlay: id }, replace: shown(latest.current) !== undefined, preventScrollReset: true },
      );
    },
    close() {
      if (shown(latest.current) !== id) return Promise.resolve();
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

/** After a reload no overlay is open: leaves the history entry of the one that was. Before the router starts. */
export function leaveOldOverlay() {
  const { usr } = (history.state ?? {}) as { usr?: State };
  if (usr?.overlay) history.back();
}
