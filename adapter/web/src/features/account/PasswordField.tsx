import { useState, type ComponentProps } from "react";
import { TextField } from "../../ui/Field";
import { account } from "../../words/account";
import { strengthOf } from "./check";
import css from "./PasswordField.module.css";

/** A password to be, with its strength in words. */
export function PasswordField({ onChange, ...rest }: Omit<ComponentProps<typeof TextField>, "type" | "hint">) {
  const [typed, setTyped] = useState("");
  const strength = strengthOf(typed);
  return (
    <TextField
      {...rest}
      type="password"
      autoComplete="new-password"
      hint={
        typed && strength > 0 ? (
          <span className={css.strength}>
            <span className={css.bars} data-strength={strength} aria-hidden="true">
              <i />
              <i />
              <i />
            </span>
            {account.strength[strength]}
          </span>
        ) : (
          account.passwordHint
        )
      }
      onChange={(event) => {
        setTyped(event.target.value);
        onChange?.(event);
      }}
    />
  );
}
