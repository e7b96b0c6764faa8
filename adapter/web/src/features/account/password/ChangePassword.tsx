import { useQuery } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useNavigate } from "react-router";
import type { User } from "../../../api/session";
import { Button } from "../../../ui/Button";
import { FormError, TextField } from "../../../ui/Field";
import { toast } from "../../../ui/toast";
import { account } from "../../../words/account";
import { checkPassword, checkRepeat } from "../check";
import css from "../Form.module.css";
import { PasswordField } from "../PasswordField";
import { useChangePassword } from "../queries";
import { waysQuery } from "../social";
import { text, useErrors } from "../useErrors";

export function ChangePassword({ user }: { user: User }) {
  const navigate = useNavigate();
  const { form, errors, whole, found, refused, at } = useErrors(["current_password", "new_password1", "new_password2"]);
  const change = useChangePassword();
  // Who signs in by way of others may have none yet.
  const first = useQuery(waysQuery).data?.password === false;

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const body = {
      current_password: text(data, "current_password"),
      new_password1: text(data, "new_password1"),
      new_password2: text(data, "new_password2"),
    };
    const wrong = {
      current_password: first || body.current_password ? undefined : account.wrong.passwordMissing,
      new_password1:
        checkPassword(body.new_password1, user) ??
        (body.new_password1 === body.current_password ? account.wrong.passwordOld : undefined),
      new_password2: checkRepeat(body.new_password1, body.new_password2),
    };
    if (found(wrong)) return;
    change.mutate(body, {
      onError: refused,
      onSuccess: () => {
        toast(first ? account.social.madePassword : account.changed);
        void navigate("/me", { replace: true });
      },
    });
  }

  return (
    <form ref={form} className={css.form} onSubmit={submit} noValidate>
      {/* Tells a password manager whose password it is. */}
      <input type="email" autoComplete="username" value={user.email ?? ""} readOnly hidden />
      {!first && (
        <TextField
          label={account.currentPassword}
          name="current_password"
          type="password"
          autoComplete="current-password"
          error={errors.current_password}
          onChange={() => at("current_password", undefined)}
        />
      )}
      <PasswordField
        label={account.newPassword}
        name="new_password1"
        who={user}
        error={errors.new_password1}
        onChange={() => at("new_password1", undefined)}
      />
      <TextField
        label={account.newRepeat}
        name="new_password2"
        type="password"
        autoComplete="new-password"
        error={errors.new_password2}
        onChange={() => at("new_password2", undefined)}
      />
      <p className={css.note}>{account.passwordNote}</p>
      <FormError>{whole}</FormError>
      <Button type="submit" size="l" wide loading={change.isPending}>
        {first ? account.social.make : account.change}
      </Button>
    </form>
  );
}
