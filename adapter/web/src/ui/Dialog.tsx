import { lazy, Suspense, useState, type ReactNode } from "react";

// What lies over the page is loaded when it is first opened: the library behind it is not small.
const ConfirmOverlay = lazy(() => import("./Overlay").then((m) => ({ default: m.ConfirmOverlay })));
const SheetOverlay = lazy(() => import("./Overlay").then((m) => ({ default: m.SheetOverlay })));

type Open = { open: boolean; onOpenChange: (open: boolean) => void };

export type ConfirmProps = Open & {
  title: string;
  /** What will happen. */
  children?: ReactNode;
  /** The word on the button, a verb: "삭제하기". */
  confirm: string;
  danger?: boolean | undefined;
  /** While the promise is pending the button is busy; then the dialog closes. If it fails, the dialog says why and stays. */
  onConfirm: () => unknown;
};

/** Asks before something is done that matters. */
export function Confirm(props: ConfirmProps) {
  return useOnceOpen(props.open) ? (
    <Suspense fallback={null}>
      <ConfirmOverlay {...props} />
    </Suspense>
  ) : null;
}

export type SheetProps = Open & {
  title: string;
  children: ReactNode;
  /** Stays below what scrolls, such as a field to write in. */
  foot?: ReactNode;
  /** Fills a phone's screen. Otherwise it is as high as what it holds. */
  full?: boolean | undefined;
};

/** Comes up from below on a phone and stands in the middle elsewhere. */
export function Sheet(props: SheetProps) {
  return useOnceOpen(props.open) ? (
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
