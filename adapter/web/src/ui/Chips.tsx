import css from "./Chips.module.css";

type Choice<T extends string> = { value: T; label: string };

/** One of several, as round buttons (radio buttons underneath). */
export function Chips<T extends string>({ label, name, choices, value, onChange }: {
  label: string;
  name: string;
  choices: readonly Choice<T>[];
  value: T;
  onChange: (value: T) => void;
}) {
  return (
    <fieldset className={css.group}>
      <legend className="sr-only">{label}</legend>
      <div className={css.row}>
        {choices.map((choice) => (
          <label key={choice.value} className={css.chip}>
            <input className="sr-only" type="radio" name={name} value={choice.value} checked={choice.value === value} onChange={() => onChange(choice.value)} />
            {choice.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
