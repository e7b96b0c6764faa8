import { ArrowUp } from "lucide-react";
import { useId, type KeyboardEvent, type Ref } from "react";
import { cx } from "../../../ui/cx";
import { lengthOf } from "../../../ui/Field";
import { useComposing } from "../../../ui/useComposing";
import { chef as words } from "../../../words/menu";
import css from "./AskField.module.css";

const limit = 500;
const byteLimit = 2000;
const countFrom = 400;

type Props = {
  ref: Ref<HTMLTextAreaElement>;
  text: string;
  onType: (text: string) => void;
  /** Called with words that the server can take. */
  onSend: (question: string) => void;
  /** Is thought about; what is typed meanwhile waits. */
  busy: boolean;
};

/** Where one says what one would like to eat. */
export function AskField({ ref, text, onType, onSend, busy }: Props) {
  const id = useId();
  const composing = useComposing(() => onType(""));
  const said = text.trim();
  // A letter is at least one unit long: short texts need no counting.
  const length = said.length < countFrom ? 0 : lengthOf(said);
  const tooLong = length > limit || (said.length > limit && new TextEncoder().encode(said).length > byteLimit);

  function send() {
    if (!said || tooLong || busy) return;
    composing.sent();
    onSend(said);
  }

  function press(event: KeyboardEvent) {
    if (event.key !== "Enter" || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return;
    // The Enter that ends a Hangul syllable belongs to the keyboard; Safari tells of it by the code alone.
    if (event.nativeEvent.isComposing || event.nativeEvent.keyCode === 229) return;
    composing.settled();
    event.preventDefault();
    send();
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className={cx(css.box, tooLong && css.wrong)}>
        <textarea
          ref={ref}
          className={css.field}
          rows={1}
          value={text}
          aria-label={words.ask}
          placeholder={words.placeholder}
          aria-invalid={tooLong || undefined}
          aria-describedby={length > 0 ? id : undefined}
          autoComplete="off"
          enterKeyHint="send"
          onKeyDown={press}
          onChange={({ target }) => onType(composing.isEcho(target.value) ? "" : target.value)}
          {...composing.handlers}
        />
        <button type="submit" className={css.send} aria-label={words.send} title={words.send} disabled={!said || tooLong || busy} onPointerDown={(event) => event.preventDefault()} onMouseDown={(event) => event.preventDefault()}>
          <ArrowUp size={22} strokeWidth={2.5} aria-hidden="true" />
        </button>
      </div>
      {(length > 0 || tooLong) && (
        <div className={css.under}>
          <p role="alert" className={css.over}>
            {tooLong && words.tooLong(limit)}
          </p>
          <span id={id} className={cx(css.count, tooLong && css.over)}>
            <span className="sr-only">{words.letters(length, limit)}</span>
            <span aria-hidden="true">{`${length}/${limit}`}</span>
          </span>
        </div>
      )}
    </form>
  );
}
