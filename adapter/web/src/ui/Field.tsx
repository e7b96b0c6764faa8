import { Eye, EyeOff } from "lucide-react";
import { useId, useRef, useState, type ComponentProps, type ReactNode } from "react";
import { flushSync } from "react-dom";
import { common } from "../words/ko";
import { cx } from "./cx";
import css from "./Field.module.css";

type Frame = {
  label: string;
  /** A sentence under the field while nothing is wrong. */
  hint?: ReactNode;
  /** What is wrong, in words. Read out when it appears. */
  error?: string | undefined;
  /** Shown at the right of the label, such as "선택". */
  aside?: ReactNode;
};

/** Label, control, hint and error of anything that is filled in. Give the props it hands over to the control. */
export function FieldFrame({ label, hint, error, aside, children }: Frame & { children: (control: ControlProps) => ReactNode }) {
  const id = useId();
  const note = `${id}-note`;
  return (
    <div className={css.field}>
      <div className={css.head}>
        <label htmlFor={id} className={css.label}>
          {label}
        </label>
        {aside !== undefined && <span className={css.aside}>{aside}</span>}
      </div>
      {children({ id, "aria-invalid": error ? true : undefined, "aria-describedby": error || hint ? note : undefined })}
      {error ? (
        <p id={note} className={css.error} role="alert">
          {error}
        </p>
      ) : (
        hint && (
          <p id={note} className={css.hint}>
            {hint}
          </p>
        )
      )}
    </div>
  );
}

type ControlProps = { id: string; "aria-invalid": true | undefined; "aria-describedby": string | undefined };

/** A line of text. `type="password"` brings its own button to show what was typed. */
export function TextField({ label, hint, error, aside, className, type = "text", ...rest }: Frame & Omit<ComponentProps<"input">, "id" | "ref">) {
  const [shown, setShown] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const secret = type === "password";

  /** The caret stays where it is, which browsers forget when the type changes. */
  function reveal() {
    const { selectionStart, selectionEnd } = input.current!;
    flushSync(() => setShown(!shown));
    if (document.activeElement === input.current) input.current!.setSelectionRange(selectionStart, selectionEnd);
  }

  return (
    <FieldFrame label={label} hint={hint} error={error} aside={aside}>
      {(control) => (
        <div className={css.box}>
          <input
            {...(secret && { autoCapitalize: "none", spellCheck: false })}
            {...rest}
            {...control}
            ref={input}
            type={secret && shown ? "text" : type}
            className={cx(css.control, secret && css.withButton, className)}
          />
          {secret && (
            <button
              type="button"
              className={css.reveal}
              aria-label={`${label} ${common.show}`}
              aria-pressed={shown}
              // Who types goes on typing: the focus, and the keyboard of a phone, stay.
              onMouseDown={(event) => event.preventDefault()}
              onClick={reveal}
            >
              {shown ? <EyeOff size={20} aria-hidden="true" /> : <Eye size={20} aria-hidden="true" />}
            </button>
          )}
        </div>
      )}
    </FieldFrame>
  );
}

const letters = "Segmenter" in Intl ? new Intl.Segmenter("ko", { granularity: "grapheme" }) : null;

/** The length as people count it, and as the server does: an emoji is one letter. */
export function lengthOf(text: string): number {
  return letters ? Array.from(letters.segment(text)).length : Array.from(text).length;
}

type AreaProps = Frame & { /** Counts against this, without cutting anything off. */ limit?: number | undefined } & Omit<ComponentProps<"textarea">, "id">;

/** Several lines; grows with the text. With `limit` it counts along. */
export function TextArea({ label, hint, error, aside, limit, className, onChange, defaultValue, value, ...rest }: AreaProps) {
  const [typed, setTyped] = useState(String(defaultValue ?? ""));
  const length = lengthOf((value === undefined ? typed : String(value)).trim());
  const counter = limit !== undefined && (
    <span className={cx(css.counter, length > limit && css.over)}>
      <span className="sr-only">{common.letters(length, limit)}</span>
      <span aria-hidden="true">{`${length.toLocaleString("ko-KR")}/${limit.toLocaleString("ko-KR")}`}</span>
    </span>
  );
  return (
    <FieldFrame label={label} hint={hint} error={error} aside={aside ?? (counter || undefined)}>
      {(control) => (
        <textarea
          rows={5}
          {...rest}
          {...control}
          {...(value === undefined ? { defaultValue } : { value })}
          className={cx(css.control, css.area, className)}
          onChange={(event) => {
            setTyped(event.target.value);
            onChange?.(event);
          }}
        />
      )}
    </FieldFrame>
  );
}

/** Moves the focus to the first field of the form that is marked as wrong. Call it after the errors were rendered. */
export function focusFirstError(form: HTMLElement | null) {
  form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}

/** A sentence about the whole form, such as a refused sign-in. */
export function FormError({ children }: { children: ReactNode }) {
  if (!children) return null;
  return (
    <p role="alert" className={css.formError}>
      {children}
    </p>
  );
}
