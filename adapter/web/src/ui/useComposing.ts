import { useRef, type CompositionEvent } from "react";

/**
 * For a field whose text can be sent while a keyboard still composes its last syllable. The keyboard
 * settles that syllable after the field was emptied: what it writes then is taken away by `clear`.
 */
export function useComposing(clear: () => void) {
  /** What is being composed; null if nothing is. */
  const composed = useRef<string | null>(null);
  /** What was being composed when it was sent; "" if the keyboard did not tell. */
  const echo = useRef<string | null>(null);

  return {
    /** What is being composed; null if nothing is. */
    text: () => composed.current,
    /** The text of the field is sent now. */
    sent() {
      echo.current = composed.current;
    },
    /** Whether this text of the field is only what was sent before. */
    isEcho: (text: string) => Boolean(echo.current) && text === echo.current,
    /** What comes from here on is new. */
    settled() {
      echo.current = null;
    },
    handlers: {
      onCompositionStart() {
        composed.current = "";
        echo.current = null;
      },
      onCompositionUpdate(event: CompositionEvent) {
        composed.current = event.data;
      },
      onCompositionEnd({ currentTarget }: CompositionEvent<HTMLTextAreaElement>) {
        composed.current = null;
        if (echo.current === "" || (echo.current !== null && currentTarget.value === echo.current)) clear();
      },
    },
  };
}
