import { useEffect, useId, useRef } from "react";
import { place as words } from "../../../words/account";
import { Name } from "./Regions";
import css from "./Suggestions.module.css";

/** Asks whether one of these was meant. */
export function Suggestions({ of, onChoose, disabled }: { of: readonly string[]; onChoose: (address: string) => void; disabled?: boolean }) {
  const id = useId();
  const group = useRef<HTMLDivElement>(null);
  useEffect(() => {
    group.current?.scrollIntoView({ block: "nearest" });
  }, [of]);
  return (
    <div ref={group} role="group" aria-labelledby={id} className={css.suggestions}>
      <p id={id} className={css.title}>
        {words.suggested}
      </p>
      <ul className={css.list}>
        {of.slice(0, 3).map((address) => (
          <li key={address}>
            <button type="button" className={css.choice} disabled={disabled} onClick={() => onChoose(address)}>
              <Name address={address} />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
