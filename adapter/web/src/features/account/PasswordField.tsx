import { useState, type ComponentProps } from "react";
import { TextField } from "../../ui/Field";
import { account } from "../../words/account";
import type { Whose } from "./check";
import css from "./PasswordField.module.css";
import { strengthOf } from "./strength";

type Props = Omit<ComponentProps<typeof TextField>, "type" | "hint"> & {
  /** Whose it is to be: the names of a person make a weak one. */
  who: Whose;
};

/** A password to be, with its strength in words. */
export function PasswordField({ who, onChange, ...rest }: Props) {
  const [typed, setTyped] = useState("");
  const { level, hint } = strengthOf(typed, who);
  return (
    <div>
      <TextField
        {...rest}
        type="password"
        autoComplete="new-password"
        hint={account.passwordHint}
        onChange={(event) => {
          setTyped(event.target.value);
          onChange?.(event);
        }}
      />
      {/* While it is too short the hint above says all there is; what was found wrong stands at the field. */}
      <p role="status" className={css.strength}>
        {typed.length >= 8 && !rest.error && (
          <>
            <span className={css.bars} data-strength={level} aria-hidden="true">
              <i />
              <i />
              <i />
            </span>
            <span>
              <b>{account.strength[level]}</b> {hint}
            </span>
          </>
        )}
      </p>
    </div>
  );
}
