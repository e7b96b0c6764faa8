import type { ReactNode } from "react";
import { cx } from "./cx";
import css from "./Chips.module.css";

type Choice<T extends string> = { value: T; label: string; icon?: ReactNode };

/** One of several, as round buttons (radio buttons underneath). `scroll` keeps them on one line that can be pushed sideways. */
export function Chips<T extends string>({ label, name, choices, value, onChange, scroll }: {
  label: string;
  name: string;
  choices: readonly Choice<T>[];
  value: T;
  onChange: (value: T) => void;
  scroll?: boolean | undefined;
}) {
  return (
    <fieldset className={css.group}>
      <legend className="sr-only">{label}</legend>
      <div className={cx(css.row, scroll && css.scroll)}>
        {choices.map((choice) => (
          <label key={choice.value} className={css.chip}>
            <input className="sr-only" type="radio" name={name} value={choice.value} checked={choice.value === value} onChange={() => onChange(choice.value)} />
            {choice.icon}
            {choice.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
