import { useRef, useState } from "react";
import { flushSync } from "react-dom";
import { Refused } from "../../api/client";
import { focusFirstError } from "../../ui/Field";
import { refusal } from "../../words";

type Errors<K extends string> = Partial<Record<K, string | undefined>>;

/**
 * What is wrong in a form: at its fields, or on the whole. `names` are its
 * fields. Showing errors moves the focus to the first wrong field.
 */
export function useErrors<K extends string>(names: readonly K[]) {
  const form = useRef<HTMLFormElement>(null);
  const [errors, setErrors] = useState<Errors<K>>({});
  const [whole, setWhole] = useState("");

  /** Shows what the checks found. True if anything is wrong. */
  function found(next: Errors<K>): boolean {
    flushSync(() => {
      setErrors(next);
      setWhole("");
    });
    focusFirstError(form.current);
    return names.some((name) => next[name]);
  }

  /** Shows why the server refused. What it says of a field stands at the field. */
  function refused(error: unknown) {
    const fields = error instanceof Refused ? error.fields : {};
    const known: Errors<K> = {};
    for (const name of names) if (fields[name]) known[name] = fields[name];
    if (found(known)) return;
    const [first] = Object.values(fields);
    setWhole(first ?? refusal(error));
  }

  /** Sets what is wrong with one field, or that nothing is any more. */
  function at(name: K, error: string | undefined) {
    setErrors((before) => (before[name] === error ? before : { ...before, [name]: error }));
  }

  return { form, errors, whole, found, refused, at };
}

/** What stands in a field of a form. */
export function text(data: FormData, name: string): string {
  const value = data.get(name);
  return typeof value === "string" ? value : "";
}
