import { useQuery } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useNavigate } from "react-router";
import type { User } from "../../../api/session";
import { Button } from "../../../ui/Button";
import { FormError, TextField } from "../../../ui/Field";
import { toast } from "../../../ui/toast";
import { account } from "../../../words/account";
import { checkPassword } from "../check";
import css from "../Form.module.css";
import { PasswordField } from "../PasswordField";
import { useChangePassword } from "../queries";
import { useProviderName, waysQuery } from "../social";
import { text, useErrors } from "../useErrors";

export function ChangePassword({ user }: { user: User }) {
  const navigate = useNavigate();
  const { form, errors, whole, found, refused, at } = useErrors(["current_password", "new_password1"]);
  const change = useChangePassword();
  const ways = useQuery(waysQuery).data;
  // Who signs in by way of others may have none yet.
  const first = ways?.password === false;
  const nameOf = useProviderName();
  const linked = nameOf && ways ? ways.linked.map(({ provider }) => nameOf(provider)) : [];

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const body = {
      current_password: text(data, "current_password"),
      new_password1: text(data, "new_password1"),
      new_password2: text(data, "new_password1"),
      ...(data.has("unlink") && { unlink: true }),
    };
    const wrong = {
      current_password: first || body.current_password ? undefined : account.wrong.passwordMissing,
      new_password1:
        checkPassword(body.new_password1, user) ??
        (body.new_password1 === body.current_password ? account.wrong.passwordOld : undefined),
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
      {linked.length > 0 && (
        <div>
          <p>{account.social.alsoBy(linked.join(", "))}</p>
          <label className={css.check}>
            <input type="checkbox" name="unlink" />
            {account.social.cutAll}
          </label>
        </div>
      )}
      <p className={css.note}>{account.passwordNote}</p>
      <FormError>{whole}</FormError>
      <Button type="submit" size="l" wide loading={change.isPending}>
        {first ? account.social.make : account.change}
      </Button>
    </form>
  );
}
