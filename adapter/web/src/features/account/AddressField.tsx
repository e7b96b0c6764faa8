import { LocateFixed, Search } from "lucide-react";
import { useRef, useState } from "react";
import { Button } from "../../ui/Button";
import { Sheet } from "../../ui/Dialog";
import { TextField } from "../../ui/Field";
import { account } from "../../words/account";
import css from "./AddressField.module.css";
import { locate, suggestSido } from "./places";
import { PostcodeSearch } from "./PostcodeSearch";

type Props = {
  value: string;
  onChange: (address: string) => void;
  onBlur?: (() => void) | undefined;
  error?: string | undefined;
};

/** The neighbourhood: searched for, or typed. It is sent as "address". */
export function AddressField({ value, onChange, onBlur, error }: Props) {
  const [open, setOpen] = useState(false);
  const [locating, setLocating] = useState(false);
  const [lost, setLost] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const suggestions = suggestSido(value);

  function take(address: string) {
    setLost("");
    onChange(address);
  }

  async function here() {
    setLocating(true);
    try {
      if (locate) take(await locate());
    } catch {
      setLost(account.hereFailed);
    } finally {
      setLocating(false);
    }
  }

  return (
    <div className={css.address}>
      <TextField
        ref={input}
        label={account.address}
        name="address"
        autoComplete="off"
        placeholder={account.addressPlaceholder}
        hint={lost || account.addressHint}
        error={error}
        value={value}
        onBlur={onBlur}
        onChange={(event) => take(event.target.value)}
      />
      {suggestions.length > 0 && (
        <div className={css.suggestions} role="group" aria-label={account.addressSuggest}>
          {suggestions.map((name) => (
            <button
              key={name}
              type="button"
              className={css.suggestion}
              onClick={() => {
                take(`${name} `);
                input.current?.focus();
              }}
            >
              {name}
            </button>
          ))}
        </div>
      )}
      <div className={css.ways}>
        <Button variant="soft" icon={<Search size={18} aria-hidden="true" />} onClick={() => setOpen(true)}>
          {account.addressSearch}
        </Button>
        {locate && (
          <Button variant="soft" icon={<LocateFixed size={18} aria-hidden="true" />} loading={locating} onClick={() => void here()}>
            {account.addressHere}
          </Button>
        )}
      </div>
      <Sheet open={open} onOpenChange={setOpen} title={account.findTitle} full>
        <PostcodeSearch
          onFound={(address) => {
            take(address);
            setOpen(false);
          }}
          onType={() => {
            setOpen(false);
            // After the sheet has given the focus back.
            setTimeout(() => input.current?.focus(), 50);
          }}
        />
      </Sheet>
    </div>
  );
}
