import type { FormEvent } from "react";
import { Link, useSearchParams } from "react-router";
import { useSession } from "../../../api/session";
import { Button } from "../../../ui/Button";
import { cx } from "../../../ui/cx";
import { FormError, TextField } from "../../../ui/Field";
import { account } from "../../../words/account";
import { checkEmail } from "../check";
import css from "../Form.module.css";
import { useSignIn } from "../queries";
import { text, useErrors } from "../useErrors";

/** Where a sign-in leads, or why the one before has ended. */
export function SignInNote() {
  const { ended } = useSession();
  const [search] = useSearchParams();
  const note = ended && ended !== "chosen" ? account.signInEnded[ended] : search.has("next") ? account.signInNext : "";
  return note && <p className={cx(css.note, css.above)}>{note}</p>;
}

/** Sign-in with an e-mail address and a password. */
export function SignIn() {
  const [search] = useSearchParams();
  const { form, errors, whole, found, refused, at } = useErrors(["email", "password"]);
  const signIn = useSignIn();

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const body = { email: text(data, "email").trim(), password: text(data, "password") };
    const wrong = { email: checkEmail(body.email), password: body.password ? undefined : account.wrong.passwordMissing };
    if (!found(wrong)) signIn.mutate(body, { onError: refused });
  }

  return (
    <form ref={form} className={css.form} onSubmit={submit} noValidate>
      <TextField
        label={account.email}
        name="email"
        type="email"
        autoComplete="username"
        placeholder={account.emailPlaceholder}
        autoCapitalize="none"
        spellCheck={false}
        error={errors.email}
        onChange={() => at("email", undefined)}
      />
      <TextField
        label={account.password}
        name="password"
        type="password"
        autoComplete="current-password"
        error={errors.password}
        onChange={() => at("password", undefined)}
      />
      <FormError>{whole}</FormError>
      <Button type="submit" size="l" wide loading={signIn.isPending}>
        {account.signIn}
      </Button>
      <p className={css.other}>
        {account.noAccount}{" "}
        <Link className={css.link} to={{ pathname: "/register", search: search.toString() }}>
          {account.toRegister}
        </Link>
      </p>
    </form>
  );
}
