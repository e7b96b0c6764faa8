import { useQuery } from "@tanstack/react-query";
import { useRef, type FormEvent } from "react";
import { Refused } from "../../../api/client";
import type { User } from "../../../api/session";
import { Button } from "../../../ui/Button";
import { Card } from "../../../ui/Card";
import { Confirm } from "../../../ui/Dialog";
import { FormError, TextField } from "../../../ui/Field";
import { toast } from "../../../ui/toast";
import { useOverlay } from "../../../ui/useOverlay";
import { account } from "../../../words/account";
import css from "../Form.module.css";
import { useWithdraw } from "../queries";
import { waysQuery } from "../social";
import { text, useErrors } from "../useErrors";
import own from "./Withdraw.module.css";

export function Withdraw({ user }: { user: User }) {
  const asking = useOverlay();
  const wrong = useRef<Refused>(null);
  const { form, errors, whole, found, refused, at } = useErrors(["password"]);
  const withdraw = useWithdraw();
  const none = useQuery(waysQuery).data?.password === false;

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const password = text(new FormData(event.currentTarget), "password");
    if (!found({ password: none || password ? undefined : account.wrong.passwordMissing })) asking.show();
  }

  async function leave() {
    wrong.current = null;
    try {
      await withdraw.mutateAsync({ password: text(new FormData(form.current!), "password") });
      toast(account.withdrawn);
    } catch (error) {
      if (!(error instanceof Refused) || !error.fields.password) throw error;
      wrong.current = error;
    }
  }

  return (
    <form ref={form} className={css.form} onSubmit={submit} noValidate>
      <p className={own.lead}>{account.withdrawLead(user.username)}</p>
      <Card inset>
        <h2 className={own.what}>{account.withdrawWhat}</h2>
        <ul className={own.points}>
          {account.withdrawPoints.map((point) => (
            <li key={point}>{point}</li>
          ))}
        </ul>
      </Card>
      <input type="email" autoComplete="username" value={user.email ?? ""} readOnly hidden />
      {!none && (
        <TextField
          label={account.withdrawPassword}
          name="password"
          type="password"
          autoComplete="current-password"
          error={errors.password}
          onChange={() => at("password", undefined)}
        />
      )}
      <FormError>{whole}</FormError>
      <Button type="submit" variant="danger-soft" size="l" wide>
        {account.withdrawGo}
      </Button>
      <Confirm
        overlay={asking}
        title={account.withdrawSure}
        confirm={account.withdrawGo}
        danger
        onConfirm={leave}
        // A wrong password is said at its field, after the dialog has given the focus back.
        onDone={() => setTimeout(() => wrong.current && refused(wrong.current))}
      >
        {account.withdrawSureText}
      </Confirm>
    </form>
  );
}
