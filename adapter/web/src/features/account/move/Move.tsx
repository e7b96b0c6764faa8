import { Autocomplete } from "@base-ui/react/autocomplete";
import { useQuery } from "@tanstack/react-query";
import { LocateFixed, Search } from "lucide-react";
import { useId, useRef, useState, type FormEvent, type ReactNode, type RefObject } from "react";
import { useNavigate } from "react-router";
import { areaOf, cityOf } from "../../../api/address";
import { Refused } from "../../../api/client";
import type { User } from "../../../api/session";
import { readPlaces } from "../../../api/storage";
import { Button } from "../../../ui/Button";
import { cx } from "../../../ui/cx";
import { FormError } from "../../../ui/Field";
import field from "../../../ui/Field.module.css";
import { SheetOverlay } from "../../../ui/Overlay";
import { toast } from "../../../ui/toast";
import type { Overlay } from "../../../ui/useOverlay";
import { refusal } from "../../../words";
import { account, place as words } from "../../../words/account";
import { canLocate, Denied, locate, most, search as regionsFor } from "../address/places";
import { Name, Regions } from "../address/Regions";
import { Suggestions } from "../address/Suggestions";
import { useOnly } from "../address/useOnly";
import { useRegions, type Region } from "../address/useRegions";
import { useUpdate } from "../queries";
import css from "./Move.module.css";

/** Moves to another neighbourhood with one tap; another one on the toast moves back. */
export function Move({ overlay, user }: { overlay: Overlay; user: User }) {
  const navigate = useNavigate();
  const { mutateAsync: update, isPending } = useUpdate();
  const [refused, setRefused] = useState<unknown>(null);
  const input = useRef<HTMLInputElement>(null);
  // As it was when the sheet came up: it does not change its words while it goes.
  const [shown, setShown] = useState({ open: false, asks: false });
  if (shown.open !== overlay.open) {
    setShown({ open: overlay.open, asks: overlay.open ? user.address_official === false : shown.asks });
    if (overlay.open) setRefused(null);
  }
  const { asks } = shown;

  async function move(address: string, nearest = false) {
    setRefused(null);
    const before = user.address;
    if (address === before && !asks) {
      await overlay.close();
      toast(words.here(areaOf(address)));
      return;
    }
    try {
      const { user: after } = await update({ address });
      await overlay.close();
      // Its first page, from the top.
      void navigate("/board", { replace: true });
      const area = areaOf(after.address);
      toast(nearest ? words.movedNear(area) : words.moved(area), asks ? {} : { action: { label: words.undo, run: () => void back(before) } });
    } catch (error) {
      setRefused(error);
    }
  }

  async function back(address: string) {
    try {
      await update({ address });
      toast(words.moved(areaOf(address)));
    } catch (error) {
      toast(refusal(error), { tone: "bad" });
    }
  }

  return (
    <SheetOverlay
      overlay={overlay}
      title={asks ? words.askTitle : words.title}
      full={!asks}
      focus={input}
      foot={
        asks ? (
          <Button variant="plain" wide onClick={() => void overlay.close()}>
            {words.later}
          </Button>
        ) : undefined
      }
    >
      <Choice input={input} user={user} asks={asks} busy={isPending} refused={refused} onChoose={move} />
    </SheetOverlay>
  );
}

const byName = new Intl.Collator("ko", { numeric: true }).compare;
const addressOf = (region: Region) => region.address;

function Choice({ input, user, asks, busy, refused, onChoose }: {
  input: RefObject<HTMLInputElement | null>;
  user: User;
  /** Whether the address is none that can be kept. */
  asks: boolean;
  busy: boolean;
  refused: unknown;
  onChoose: (address: string, nearest?: boolean) => Promise<void>;
}) {
  const [typed, setTyped] = useState("");
  const [locating, setLocating] = useState(false);
  const [note, setNote] = useState("");
  const search = useRegions(typed);
  const idle = search.state === "idle";
  const recent = readPlaces(user.id).filter((address) => address !== user.address);
  const city = asks ? "" : cityOf(user.address);
  const { data } = useQuery({ ...regionsFor(city), enabled: city !== "" });
  const around = (data?.regions ?? []).filter(({ address, dong }) => dong && address !== user.address && !recent.includes(address)).map(addressOf).sort(byName);
  const suggestions = (refused instanceof Refused && refused.suggestions.address) || [];
  const error = suggestions.length > 0 ? words.unclear : refused instanceof Refused && refused.fields["address"];

  function choose({ address, dong }: Region) {
    if (dong !== null) void onChoose(address);
    else setTyped(`${address} `);
  }

  const onEnter = useOnly(typed, search, choose, { waits: true });

  async function here() {
    setLocating(true);
    setNote("");
    try {
      const { address, dong, exact } = await locate();
      if (dong) await onChoose(address, !exact);
      else {
        setTyped(`${address} `);
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
    <div className={cx(css.choice, asks && css.asks, busy && css.busy)} aria-busy={busy || undefined}>
      {asks && <p className={css.why}>{words.askText(user.address)}</p>}
      <Autocomplete.Root
        inline
        open
        items={search.regions}
        itemToStringValue={addressOf}
        filter={null}
        value={typed}
        onValueChange={(next, { reason }) => {
          if (reason === "input-change") setTyped(next);
        }}
      >
        <div className={css.top}>
          <div className={css.search}>
            <Search size={20} aria-hidden="true" />
            <Autocomplete.Input
              ref={input}
              className={cx(field.control, css.input)}
              aria-label={words.search}
              aria-expanded={!idle}
              placeholder={account.addressPlaceholder}
              autoComplete="off"
              enterKeyHint="search"
              onKeyDown={onEnter}
              onInput={(event: FormEvent<HTMLInputElement>) => {
                setNote("");
                setTyped(event.currentTarget.value);
              }}
            />
          </div>
          {canLocate() && (
            <Button variant="soft" wide icon={<LocateFixed size={18} aria-hidden="true" />} loading={locating} onClick={() => void here()}>
              {words.byPosition}
            </Button>
          )}
        </div>
        <p role="status" className={note ? css.note : "sr-only"}>
          {note}
        </p>
        {refused !== null && <FormError>{error || refusal(refused)}</FormError>}
        {suggestions.length > 0 && <Suggestions of={suggestions} disabled={busy} onChoose={(address) => void onChoose(address)} />}
        <div hidden={idle} className={css.found}>
          <Regions search={search} onChoose={choose} />
        </div>
      </Autocomplete.Root>
      {idle && (
        <>
          {recent.length > 0 && <Places title={words.recent} of={recent} onChoose={(address) => void onChoose(address)} />}
          {around.length > 0 && <Places title={words.around(areaOf(city))} of={around} note={(data?.regions.length ?? 0) >= most ? words.more : undefined} onChoose={(address) => void onChoose(address)} />}
        </>
      )}
    </div>
  );
}

function Places({ title, of, note, onChoose }: { title: ReactNode; of: string[]; note?: string | undefined; onChoose: (address: string) => void }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h3 id={id} className={css.title}>
        {title}
      </h3>
      <ul className={css.places}>
        {of.map((address) => (
          <li key={address}>
            <button type="button" className={css.place} onClick={() => onChoose(address)}>
              <Name address={address} />
            </button>
          </li>
        ))}
      </ul>
      {note && <p className={cx(css.note, css.below)}>{note}</p>}
    </section>
  );
}
