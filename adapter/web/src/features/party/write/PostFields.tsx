import { Minus, Plus } from "lucide-react";
import { Fragment, useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import { categories, type Category } from "../../../api/category";
import { Refused } from "../../../api/client";
import { Button } from "../../../ui/Button";
import { CategoryIcon, categoryName } from "../../../ui/CategoryIcon";
import { FormError, lengthOf, TextArea, TextField } from "../../../ui/Field";
import { IconButton } from "../../../ui/IconButton";
import { Seats } from "../../../ui/Seats";
import { refusal } from "../../../words";
import { common } from "../../../words/ko";
import { form as words } from "../../../words/post";
import { limits, problems, type FieldName, type Values } from "./draft";
import css from "./PartyForm.module.css";

const all: FieldName[] = ["category", "title", "content", "target_number"];

type Props = {
  values: Values;
  onChange: (part: Partial<Values>) => void;
  /** Called with values that have no problems. */
  onSubmit: (values: Values) => Promise<unknown>;
  error: unknown;
  busy: boolean;
  /** How many people are in already. */
  seated?: number;
  action: string;
};

/** The fields of a post. A field is judged once it was left, or once one tried to send. */
export function PostFields({ values, onChange, onSubmit, error, busy, seated = 1, action }: Props) {
  const [left, setLeft] = useState<readonly FieldName[]>([]);
  const [sent, setSent] = useState<Values | null>(null);
  const [tries, setTries] = useState(0);
  const form = useRef<HTMLFormElement>(null);
  const sending = useRef(false);
  const wrong = problems(values, seated);
  const refused = error instanceof Refused ? error.fields : {};

  /** The server's word about a field holds until that field is changed. */
  const say = (name: FieldName) => (left.includes(name) ? wrong[name] : undefined) ?? (sent?.[name] === values[name] ? refused[name] : undefined);
  const leave = (name: FieldName) => setLeft((before) => (before.includes(name) ? before : [...before, name]));

  useEffect(() => {
    const first = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    // Of a group the control that can be reached by Tab.
    (first?.querySelector<HTMLElement>("input:checked") ?? first?.querySelector<HTMLElement>("input") ?? first)?.focus();
  }, [tries, error]);

  async function submit() {
    // A second tap may come before `busy` does.
    if (busy || sending.current) return;
    setLeft(all);
    setTries(tries + 1);
    if (Object.keys(wrong).length > 0) return;
    setSent(values);
    // What went wrong comes back as `error`.
    sending.current = true;
    await onSubmit(values).catch(() => {});
    sending.current = false;
  }

  const unplaced = error && !all.some((name) => refused[name]);
  const length = lengthOf(values.title.trim());
  return (
    <form
      ref={form}
      noValidate
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <CategoryField value={values.category} onChange={(category) => onChange({ category })} error={say("category")} />
      <TextField
        label={words.title}
        name="title"
        value={values.title}
        placeholder={words.titleHint}
        autoComplete="off"
        enterKeyHint="next"
        onChange={(event) => onChange({ title: event.target.value })}
        onBlur={() => leave("title")}
        error={say("title")}
        aside={
          <span className={length > limits.title ? css.over : undefined}>
            <span className="sr-only">{common.letters(length, limits.title)}</span>
            <span aria-hidden="true">{`${length}/${limits.title}`}</span>
          </span>
        }
      />
      <TextArea
        label={words.content}
        name="content"
        value={values.content}
        limit={limits.content}
        hint={words.contentHint}
        onChange={(event) => onChange({ content: event.target.value })}
        onBlur={() => leave("content")}
        error={say("content")}
      />
      <SeatsField value={values.target_number} onChange={(target_number) => onChange({ target_number })} seated={seated} error={say("target_number")} />
      <div className={css.end}>
        <FormError>{unplaced ? refusal(error) : null}</FormError>
        <Button type="submit" size="l" wide loading={busy}>
          {action}
        </Button>
      </div>
    </form>
  );
}

function CategoryField({ value, onChange, error }: { value: Category | null; onChange: (category: Category) => void; error: string | undefined }) {
  const id = useId();
  return (
    <fieldset className={css.field} role="radiogroup" aria-invalid={error ? true : undefined} aria-describedby={error ? id : undefined}>
      <legend className={css.label}>{words.category}</legend>
      {error && (
        <p id={id} role="alert" className={css.error}>
          {error}
        </p>
      )}
      <div className={css.kinds}>
        {categories.map((category) => (
          <label key={category} className={css.kind}>
            <input type="radio" name="category" value={category} checked={category === value} onChange={() => onChange(category)} />
            <CategoryIcon category={category} />
            <span className={css.name}>
              <span>{breakable(categoryName(category))}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** Lets a long name break after its dots. */
function breakable(name: string) {
  return name.split("·").map((part, i) => (i === 0 ? part : <Fragment key={part}>·<wbr />{part}</Fragment>));
}

/** How many people, with buttons and the keys of a spin button. */
function SeatsField({ value, onChange, seated, error }: { value: number; onChange: (seats: number) => void; seated: number; error: string | undefined }) {
  const id = useId();
  const least = Math.max(limits.fewest, seated);
  const set = (next: number) => onChange(Math.min(Math.max(next, least), limits.most));

  function press(event: KeyboardEvent) {
    const digit = Number(event.key);
    const next = {
      ArrowUp: value + 1,
      ArrowRight: value + 1,
      ArrowDown: value - 1,
      ArrowLeft: value - 1,
      PageUp: limits.most,
      PageDown: least,
      Home: least,
      End: limits.most,
    }[event.key] ?? (event.key === "0" ? limits.most : digit >= limits.fewest ? digit : undefined);
    if (next === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    set(next);
  }

  return (
    <div className={css.field}>
      <span id={`${id}-label`} className={css.label}>
        {words.seats}
      </span>
      <div className={css.seats}>
        <IconButton label={words.fewer} variant="filled" icon={<Minus size={20} aria-hidden="true" />} aria-disabled={value <= least} className={css.step} onClick={() => set(value - 1)} />
        <div
          role="spinbutton"
          tabIndex={0}
          className={css.spin}
          aria-labelledby={`${id}-label`}
          aria-describedby={`${id}-note`}
          aria-valuenow={value}
          aria-valuemin={least}
          aria-valuemax={limits.most}
          aria-valuetext={words.seatsValue(value)}
          aria-invalid={error ? true : undefined}
          onKeyDown={press}
        >
          {words.seatsValue(value)}
        </div>
        <IconButton label={words.more} variant="filled" icon={<Plus size={20} aria-hidden="true" />} aria-disabled={value >= limits.most} className={css.step} onClick={() => set(value + 1)} />
        <span className={css.people} aria-hidden="true">
          <Seats taken={seated} of={value} bare />
        </span>
      </div>
      <p id={`${id}-note`} role={error ? "alert" : undefined} className={error ? css.error : css.hint}>
        {error ?? (value <= seated && seated > limits.fewest ? words.taken(seated) : words.seatsNote(value))}
      </p>
    </div>
  );
}
