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
  const [suggestions, setSuggestions] = useState<Partial<Record<string, string[]>>>({});

  /** Shows what the checks found. True if anything is wrong. */
  function found(next: Errors<K>, meant: Partial<Record<string, string[]>> = {}): boolean {
    flushSync(() => {
      setErrors(next);
      setSuggestions(meant);
      setWhole("");
    });
    focusFirstError(form.current);
    return names.some((name) => next[name]);
  }

  /** Shows why the server refused. What it says of a field stands at the field. */
  function refused(error: unknown) {
    const { fields, suggestions: meant } = error instanceof Refused ? error : { fields: {} as Record<string, string>, suggestions: {} };
    const known: Errors<K> = {};
    for (const name of names) if (fields[name]) known[name] = fields[name];
    if (found(known, meant)) return;
    const [first] = Object.values(fields);
    setWhole(first ?? refusal(error));
  }

  /** Sets what is wrong with one field, or that nothing is any more. */
  function at(name: K, error: string | undefined) {
    setErrors((before) => (before[name] === error ? before : { ...before, [name]: error }));
  }

  /** What may have been meant in a field that is still wrong. */
  const meant = (name: K) => (errors[name] ? suggestions[name] : undefined);

  return { form, errors, whole, found, refused, at, meant };
}

/** What stands in a field of a form. */
export function text(data: FormData, name: string): string {
  const value = data.get(name);
  return typeof value === "string" ? value : "";
}
