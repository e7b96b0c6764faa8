import { ArrowUp } from "lucide-react";
import { memo, useLayoutEffect, useRef, type FormEvent, type KeyboardEvent } from "react";
import { cx } from "../../ui/cx";
import { lengthOf } from "../../ui/Field";
import { useComposing } from "../../ui/useComposing";
import { useDraft } from "../../ui/useDraft";
import { talk as words } from "../../words/talk";
import css from "./Composer.module.css";

const limit = 1000;
const byteLimit = 4096;
const countFrom = 900;

const hangul = /\p{Script=Hangul}$/u;
const touch = () => matchMedia("(pointer: coarse)").matches;
const grows = typeof CSS !== "undefined" && "supports" in CSS && CSS.supports("field-sizing", "content");

/** Where one writes. What was not sent survives a reload. */
export const Composer = memo(function Composer({ id, onSend }: { id: number; onSend: (text: string) => void }) {
  const [{ text }, setDraft, clear] = useDraft(`talk-${id}`, { text: "" });
  const field = useRef<HTMLTextAreaElement>(null);
  const composing = useComposing(clear);

  const said = text.trim();
  // A letter is at least one unit long: short texts need no counting.
  const length = said.length < countFrom ? 0 : lengthOf(said);
  const tooLong = length > limit || (said.length > limit && new TextEncoder().encode(said).length > byteLimit);

  useLayoutEffect(() => {
    if (!touch()) field.current?.focus({ preventScroll: true });
  }, []);

  useLayoutEffect(() => {
    const box = field.current;
    if (grows || !box) return;
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
  }, [text]);

  function send() {
    field.current?.focus({ preventScroll: true });
    if (!said || tooLong) return;
    composing.sent();
    onSend(said);
    clear();
  }

  function change(next: string) {
    if (composing.isEcho(next)) clear();
    else setDraft({ text: next });
  }

  function press(event: KeyboardEvent) {
    const { isComposing, keyCode } = event.nativeEvent;
    // While a keyboard composes it may hide its keys; Safari tells of that by the code alone.
    const composes = isComposing || keyCode === 229;
    if (!composes) composing.settled();
    if (event.key !== "Enter" && !(composes && /^(?:Numpad)?Enter$/.test(event.code))) return;
    if (event.shiftKey || event.altKey || event.ctrlKey || event.metaKey || touch()) return;
    // A syllable of Hangul is what it will be. Elsewhere Enter chooses among words.
    if (composes && !hangul.test(composing.text() ?? "")) return;
    event.preventDefault();
    send();
  }

  return (
    <form
      className={css.composer}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        send();
      }}
    >
      <div className={cx(css.box, tooLong && css.wrong)}>
        <textarea
          ref={field}
          className={css.field}
          rows={1}
          value={text}
          aria-label={words.write}
          placeholder={words.placeholder}
          aria-invalid={tooLong || undefined}
          aria-describedby={length > 0 ? "talk-letters" : undefined}
          autoComplete="off"
          onKeyDown={press}
          onChange={(event) => change(event.target.value)}
          {...composing.handlers}
        />
        <button
          type="submit"
          className={css.send}
          aria-label={words.send}
          title={words.send}
          disabled={!said || tooLong}
          // The focus stays where one writes, and the keyboard stays open.
          onPointerDown={(event) => event.preventDefault()}
          onMouseDown={(event) => event.preventDefault()}
        >
          <ArrowUp size={22} strokeWidth={2.5} aria-hidden="true" />
        </button>
      </div>
      {(length > 0 || tooLong) && (
        <div className={css.under}>
          <p role="alert" className={css.error}>
            {tooLong && words.tooLong(limit)}
          </p>
          <span id="talk-letters" className={cx(css.count, tooLong && css.over)}>
            <span className="sr-only">{words.letters(length, limit)}</span>
            <span aria-hidden="true">{`${length.toLocaleString("ko-KR")}/${limit.toLocaleString("ko-KR")}`}</span>
          </span>
        </div>
      )}
    </form>
  );
});
