import { lazy, Suspense, useState, type ReactNode, type RefObject } from "react";
import type { Overlay } from "./useOverlay";

// Overlays are loaded when they are first opened: the library behind them is not small.
const ConfirmOverlay = lazy(() => import("./Overlay").then((m) => ({ default: m.ConfirmOverlay })));
const SheetOverlay = lazy(() => import("./Overlay").then((m) => ({ default: m.SheetOverlay })));

type Over = {
  /** What `useOverlay` gives. */
  overlay: Pick<Overlay, "open" | "close">;
};

export type ConfirmProps = Over & {
  title: string;
  /** What will happen. */
  children?: ReactNode;
  /** The word on the button, a verb: "삭제하기". */
  confirm: string;
  danger?: boolean | undefined;
  /** While the promise is pending the button is busy; then the dialog closes. If it fails, the dialog says why and stays. */
  onConfirm: () => unknown;
  /** Called once that is done and the dialog is closed: the place to navigate. */
  onDone?: (() => void) | undefined;
};

/** Asks before something is done that matters. */
export function Confirm(props: ConfirmProps) {
  return useOnceOpen(props.overlay.open) ? (
    <Suspense fallback={null}>
      <ConfirmOverlay {...props} />
    </Suspense>
  ) : null;
}

export type SheetProps = Over & {
  title: string;
  children: ReactNode;
  /** Stays below what scrolls, such as a field to write in. */
  foot?: ReactNode;
  /** Fills a phone's screen. Otherwise it is as high as what it holds. */
  full?: boolean | undefined;
  /** The field that has the focus first, unless that would bring up a keyboard. Otherwise it is the button that closes. */
  focus?: RefObject<HTMLElement | null> | undefined;
};

/** Comes up from below on a phone and stands in the middle elsewhere. */
export function Sheet(props: SheetProps) {
  return useOnceOpen(props.overlay.open) ? (
    <Suspense fallback={null}>
      <SheetOverlay {...props} />
    </Suspense>
  ) : null;
}

function useOnceOpen(open: boolean): boolean {
  const [once, setOnce] = useState(open);
  if (open && !once) setOnce(true);
  return open || once;
}
