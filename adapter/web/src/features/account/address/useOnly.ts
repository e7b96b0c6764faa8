import { useEffect, useRef, type KeyboardEvent } from "react";
import type { Region, Search } from "./useRegions";

/** Lets Enter, which is also the search key of keyboards on screens, take what is found if that is one place. */
export function useOnly(typed: string, { settled, regions }: Search, onChoose: (region: Region) => void, { waits }: { /** For an answer that is not there yet. */ waits: boolean }) {
  const words = typed.trim();
  /** The words whose answer is waited for. */
  const wanted = useRef("");
  const only = settled && regions.length === 1 ? regions[0] : undefined;
  const choose = useRef(onChoose);
  useEffect(() => {
    choose.current = onChoose;
  });
  useEffect(() => {
    if (!wanted.current || (wanted.current === words && !settled)) return;
    const take = wanted.current === words;
    wanted.current = "";
    if (take && only) choose.current(only);
  }, [words, settled, only]);

  return (event: KeyboardEvent<HTMLInputElement>) => {
    const composing = event.nativeEvent.isComposing || event.nativeEvent.keyCode === 229;
    if (event.key !== "Enter" || composing || event.currentTarget.getAttribute("aria-activedescendant") || !words) return;
    if (only) {
      event.preventDefault();
      onChoose(only);
    } else if (waits && !settled) wanted.current = words;
  };
}
