import { useState, type FormEvent } from "react";
import { Refused } from "../../../api/client";
import { Button } from "../../../ui/Button";
import { Sheet } from "../../../ui/Dialog";
import { FormError, TextField } from "../../../ui/Field";
import type { Overlay } from "../../../ui/useOverlay";
import { account } from "../../../words/account";
import css from "../Form.module.css";
import { text, useErrors } from "../useErrors";

/** Whether the server wants the password first: the sign-in is older than five minutes. */
export function wantsPassword(error: unknown): boolean {
  return error instanceof Refused && "password" in error.fields;
}

/** Asks for the password and does something with it. `onConfirm` may reject: the sheet says why and stays. */
export function AskPassword({ overlay, email, onConfirm }: { overlay: Overlay; email: string; onConfirm: (password: string) => Promise<unknown> }) {
  const { form, errors, whole, found, refused, at } = useErrors(["password"]);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const password = text(new FormData(event.currentTarget), "password");
    if (found({ password: password ? undefined : account.wrong.passwordMissing })) return;
    setBusy(true);
    try {
      await onConfirm(password);
      await overlay.close();
    } catch (error) {
      refused(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Sheet overlay={overlay} title={account.social.askPassword}>
      <form ref={form} className={css.form} onSubmit={(event) => void submit(event)} noValidate>
        <input type="email" autoComplete="username" value={email} readOnly hidden />
        <TextField
          label={account.password}
          name="password"
          type="password"
          autoComplete="current-password"
          hint={account.social.whyPassword}
          error={errors.password}
          onChange={() => at("password", undefined)}
        />
        <FormError>{whole}</FormError>
        <Button type="submit" size="l" wide loading={busy}>
          {account.social.goOn}
        </Button>
      </form>
    </Sheet>
  );
}
