import { Autocomplete } from "@base-ui/react/autocomplete";
import { useEffect, useRef, useState, type FormEvent, type Ref } from "react";
import { cx } from "../../../ui/cx";
import { FieldFrame } from "../../../ui/Field";
import field from "../../../ui/Field.module.css";
import { account, place as words } from "../../../words/account";
import css from "./RegionField.module.css";
import { Regions } from "./Regions";
import { useOnly } from "./useOnly";
import { useRegions, type Region } from "./useRegions";

type Props = {
  ref: Ref<HTMLInputElement>;
  value: string;
  onChange: (address: string) => void;
  onBlur?: (() => void) | undefined;
  error?: string | undefined;
  /** Stands under the field instead of its hint, and is read out when it changes. */
  note?: string | undefined;
};

const addressOf = (region: Region) => region.address;

/** The line in which a neighbourhood is searched for. What is typed stays, chosen or not. */
export function RegionField({ ref, value, onChange, onBlur, error, note }: Props) {
  const [asked, setAsked] = useState(false);
  const search = useRegions(value, asked);
  const panel = useRef<HTMLDivElement>(null);
  // Nothing is left to choose.
  const done = search.regions.some(({ address, dong }) => dong !== null && address === value.trim());
  // That there is none is no reason to cover what stands below: the server may know what was meant.
  const none = asked && search.state === "none";
  const open = asked && !none && search.state !== "idle" && !done;
  const told = note || (none ? words.nothing : "");

  useEffect(() => {
    if (open) panel.current?.scrollIntoView({ block: "nearest" });
  }, [open, search.state, search.regions.length]);

  function choose({ address, dong }: Region) {
    // Above a dong there is more to say.
    setAsked(dong === null);
    onChange(dong === null ? `${address} ` : address);
  }

  const onEnter = useOnly(value, search, choose, { waits: false });

  return (
    <div
      className={cx(css.region, open && css.open)}
      onBlur={({ currentTarget, relatedTarget }) => {
        if (currentTarget.contains(relatedTarget)) return;
        setAsked(false);
        onBlur?.();
      }}
    >
      <Autocomplete.Root
        inline
        items={search.regions}
        itemToStringValue={addressOf}
        filter={null}
        value={value}
        onValueChange={(next, { reason }) => {
          // For other reasons, such as Escape, it would clear what was typed.
          if (reason === "input-change") onChange(next);
        }}
        open={open}
      >
        <FieldFrame label={account.address} hint={told || account.addressHint} error={error}>
          {(control) => (
            <Autocomplete.Input
              {...control}
              ref={ref}
              name="address"
              aria-expanded={open}
              className={field.control}
              autoComplete="off"
              placeholder={account.addressPlaceholder}
              onKeyDown={(event) => {
                if (event.key === "Escape") setAsked(false);
                else if (event.key === "ArrowDown" || event.key === "ArrowUp") setAsked(true);
                else if (open) onEnter(event);
              }}
              // A syllable counts while it is still being put together.
              onInput={(event: FormEvent<HTMLInputElement>) => {
                setAsked(true);
                onChange(event.currentTarget.value);
              }}
            />
          )}
        </FieldFrame>
        <p className="sr-only" role="status">
          {told}
        </p>
        <div ref={panel} className={css.panel} hidden={!open}>
          <Regions search={search} onChoose={choose} />
        </div>
      </Autocomplete.Root>
    </div>
  );
}
