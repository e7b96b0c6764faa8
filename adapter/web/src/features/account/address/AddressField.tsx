import { LocateFixed, Search } from "lucide-react";
import { useRef, useState } from "react";
import { Refused } from "../../../api/client";
import { Button } from "../../../ui/Button";
import { Sheet } from "../../../ui/Dialog";
import { useOverlay } from "../../../ui/useOverlay";
import { refusal } from "../../../words";
import { account } from "../../../words/account";
import css from "./AddressField.module.css";
import { canLocate, Denied, locate } from "./places";
import { PostcodeSearch } from "./PostcodeSearch";
import { RegionInput } from "./RegionInput";

type Props = {
  value: string;
  onChange: (address: string) => void;
  onBlur?: (() => void) | undefined;
  error?: string | undefined;
};

/** The neighbourhood: typed, searched for, or where one is. It is sent as "address". */
export function AddressField({ value, onChange, onBlur, error }: Props) {
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
      const { address, exact } = await locate();
      if (input.current?.value !== before) return; // typed meanwhile
      take(exact ? address : `${address} `);
      if (!exact) {
        setNote(account.hereOnly);
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
      <RegionInput ref={input} value={value} onChange={take} onBlur={onBlur} error={error} note={note} />
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
