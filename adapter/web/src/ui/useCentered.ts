import { useLayoutEffect, useRef } from "react";

/** For a row that scrolls sideways: keeps its current link in the middle, whenever `current` changes. */
export function useCentered<E extends HTMLElement>(current: unknown) {
  const row = useRef<E>(null);
  useLayoutEffect(() => {
    // In the next frame, which lays the page out anyway: here it would be laid out once more.
    const frame = requestAnimationFrame(() => {
      const link = row.current?.querySelector<HTMLElement>("[aria-current]");
      if (!row.current || !link) return;
      row.current.scrollLeft = link.offsetLeft - (row.current.clientWidth - link.offsetWidth) / 2;
    });
    return () => cancelAnimationFrame(frame);
  }, [current]);
  return row;
}
