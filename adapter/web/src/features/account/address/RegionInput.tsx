import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useId, useState, type KeyboardEvent, type Ref } from "react";
import type { Schemas } from "../../../api/client";
import { TextField } from "../../../ui/Field";
import { cx } from "../../../ui/cx";
import { account } from "../../../words/account";
import css from "./RegionInput.module.css";
import { suggestions } from "./places";

type Props = {
  ref: Ref<HTMLInputElement>;
  value: string;
  onChange: (address: string) => void;
  onBlur?: (() => void) | undefined;
  error?: string | undefined;
  /** Stands under the field, and is read out when it changes. */
  note?: string | undefined;
};

/**
 * The line in which a neighbourhood is typed. Names that are begun are suggested
 * below; whatever is typed stays, chosen or not.
 */
export function RegionInput({ ref, value, onChange, onBlur, error, note }: Props) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const [marked, setMarked] = useState("");
  const words = value.trim();
  const asked = useSettled(words, 200);
  const { data, isError } = useQuery({ ...suggestions(asked), enabled: open && asked !== "", placeholderData: keepPreviousData });
  const options = open && words ? (data?.regions.filter((region) => region.address !== words) ?? []) : [];
  const at = options.findIndex((region) => region.address === marked);

  function choose(region: Schemas["Region"]) {
    setMarked("");
    // Up to a dong there is more to say.
    setOpen(!region.dong);
    onChange(region.dong ? region.address : `${region.address} `);
  }

  function press(event: KeyboardEvent<HTMLInputElement>) {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    const last = options.length - 1;
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp": {
        if (!open) setOpen(true);
        if (last < 0) return;
        event.preventDefault();
        const next = event.key === "ArrowDown" ? (at === last ? 0 : at + 1) : at <= 0 ? last : at - 1;
        setMarked(options[next]!.address);
        return;
      }
      case "Enter":
        if (at < 0) return;
        event.preventDefault();
        choose(options[at]!);
        return;
      case "Escape":
        if (!open) return;
        event.preventDefault();
        setOpen(false);
        setMarked("");
    }
  }

  return (
    <div className={css.region}>
      <TextField
        ref={ref}
        label={account.address}
        name="address"
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={options.length > 0}
        aria-controls={id}
        aria-activedescendant={at < 0 ? undefined : `${id}-${at}`}
        autoComplete="off"
        placeholder={account.addressPlaceholder}
        hint={note || (isError && open ? account.suggestFailed : account.addressHint)}
        error={error}
        value={value}
        onKeyDown={press}
        onBlur={() => {
          setOpen(false);
          setMarked("");
          onBlur?.();
        }}
        onChange={(event) => {
          setOpen(true);
          onChange(event.target.value);
        }}
      />
      <p className="sr-only" role="status">
        {options.length > 0 ? account.suggested(options.length) : note}
      </p>
      <ul id={id} className={cx(css.options, options.length === 0 && css.none)} role="listbox" aria-label={account.addressSuggest}>
        {options.map((region, i) => (
          <li
            key={region.address}
            id={`${id}-${i}`}
            ref={i === at ? reveal : undefined}
            role="option"
            aria-selected={i === at}
            className={css.option}
            // The focus stays where one types.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => choose(region)}
          >
            {region.address}
          </li>
        ))}
      </ul>
    </div>
  );
}

function reveal(option: HTMLElement | null) {
  option?.scrollIntoView({ block: "nearest" });
}

/** A value once it has stayed the same for so many milliseconds. */
function useSettled(value: string, quiet: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(value), quiet);
    return () => window.clearTimeout(timer);
  }, [value, quiet]);
  return settled;
}
