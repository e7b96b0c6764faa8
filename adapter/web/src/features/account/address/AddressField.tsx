import { LocateFixed, Search } from "lucide-react";
import { useRef, useState } from "react";
import { Refused } from "../../../api/client";
import { Button } from "../../../ui/Button";
import { Sheet } from "../../../ui/Dialog";
import { useOverlay } from "../../../ui/useOverlay";
import { refusal } from "../../../words";
import { account, place } from "../../../words/account";
import css from "./AddressField.module.css";
import { canLocate, Denied, locate } from "./places";
import { PostcodeSearch } from "./PostcodeSearch";
import { RegionField } from "./RegionField";
import { Suggestions } from "./Suggestions";

type Props = {
  value: string;
  onChange: (address: string) => void;
  onBlur?: (() => void) | undefined;
  error?: string | undefined;
  /** What may have been meant instead of what was refused. */
  suggestions?: readonly string[] | undefined;
};

/** The neighbourhood: searched for, by its name or by an address, or where one is. It is sent as "address". */
export function AddressField({ value, onChange, onBlur, error, suggestions = [] }: Props) {
  const search = useOverlay();
  const [locating, setLocating] = useState(false);
  const [note, setNote] = useState("");
  const input = useRef<HTMLInputElement>(null);

  function take(address: string) {
    setNote("");
    onChange(address);
  }

  async function here() {
    setLocating(true);
    setNote("");
    const before = input.current?.value;
    try {
      const { address, dong, exact } = await locate();
      if (input.current?.value !== before) return; // typed meanwhile
      take(dong ? address : `${address} `);
      if (!exact) {
        setNote(dong ? account.hereNearest : account.hereOnly);
        input.current?.focus();
      }
    } catch (error) {
      if (error instanceof Denied) setNote(account.hereDenied);
      else setNote(error instanceof Refused ? refusal(error) : account.hereFailed);
    } finally {
      setLocating(false);
    }
  }

  return (
    <div className={css.address}>
      <RegionField ref={input} value={value} onChange={take} onBlur={onBlur} error={suggestions.length > 0 ? place.unclear : error} note={note} />
      {suggestions.length > 0 && (
        <Suggestions
          of={suggestions}
          onChoose={(address) => {
            take(address);
            input.current?.focus();
          }}
        />
      )}
      <div className={css.ways}>
        <Button variant="soft" icon={<Search size={18} aria-hidden="true" />} onClick={search.show}>
          {account.addressSearch}
        </Button>
        {canLocate() && (
          <Button variant="soft" icon={<LocateFixed size={18} aria-hidden="true" />} loading={locating} onClick={() => void here()}>
            {account.addressHere}
          </Button>
        )}
      </div>
      <Sheet overlay={search} title={account.findTitle} full>
        <PostcodeSearch
          onFound={(address) => {
            take(address);
            void search.close();
          }}
          onType={() => {
            // After the sheet has given the focus back.
            void search.close().then(() => setTimeout(() => input.current?.focus(), 50));
          }}
        />
      </Sheet>
    </div>
  );
}
