import type { FormEvent } from "react";
import { Link, useSearchParams } from "react-router";
import { Button } from "../../../ui/Button";
import { FormError, TextField } from "../../../ui/Field";
import { toast } from "../../../ui/toast";
import { useDraft } from "../../../ui/useDraft";
import { account } from "../../../words/account";
import { AddressField } from "../address/AddressField";
import { checkAddress, checkEmail, checkPassword, checkRepeat, checkUsername } from "../check";
import css from "../Form.module.css";
import { PasswordField } from "../PasswordField";
import { useRegister } from "../queries";
import { text, useErrors } from "../useErrors";

const names = ["email", "username", "password", "password2", "address"] as const;

export function Register() {
  const [search] = useSearchParams();
  const [draft, setDraft, forget] = useDraft("register", { email: "", username: "", address: "" });
  const { form, errors, whole, found, refused, at } = useErrors(names);
  const register = useRegister();

  /** What is wrong now, of everything. */
  function check() {
    const data = new FormData(form.current!);
    const [password, password2] = [text(data, "password"), text(data, "password2")];
    return {
      body: { email: draft.email.trim(), username: draft.username.trim(), password, password2, address: draft.address.trim() },
      wrong: {
        email: checkEmail(draft.email),
        username: checkUsername(draft.username),
        password: checkPassword(password, draft),
        password2: checkRepeat(password, password2),
        address: checkAddress(draft.address),
      },
    };
  }

  /** Checks a field that was filled in, when the focus leaves it. */
  function checkField(name: (typeof names)[number]) {
    const { body, wrong } = check();
    if (body[name]) at(name, wrong[name]);
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    const { body, wrong } = check();
    if (found(wrong)) return;
    try {
      // Who is signed in is led away, so what follows must not hang on this component.
      const { user } = await register.mutateAsync(body);
      forget();
      toast(account.welcome(user.username));
    } catch (error) {
      refused(error);
    }
  }

  return (
    <form ref={form} className={css.form} onSubmit={(event) => void submit(event)} noValidate>
      <TextField
        label={account.email}
        name="email"
        type="email"
        autoComplete="username"
        placeholder={account.emailPlaceholder}
        autoCapitalize="none"
        spellCheck={false}
        value={draft.email}
        error={errors.email}
        onBlur={() => checkField("email")}
        onChange={(event) => {
          setDraft({ email: event.target.value });
          at("email", undefined);
        }}
      />
      <TextField
        label={account.username}
        name="username"
        autoComplete="nickname"
        hint={account.usernameHint}
        value={draft.username}
        error={errors.username}
        onBlur={() => checkField("username")}
        onChange={(event) => {
          setDraft({ username: event.target.value });
          at("username", undefined);
        }}
      />
      <PasswordField
        label={account.password}
        name="password"
        who={draft}
        error={errors.password}
        onBlur={() => checkField("password")}
        onChange={() => at("password", undefined)}
      />
      <TextField
        label={account.repeat}
        name="password2"
        type="password"
        autoComplete="new-password"
        hint={account.repeatHint}
        error={errors.password2}
        onBlur={() => checkField("password2")}
        onChange={() => at("password2", undefined)}
      />
      <AddressField
        value={draft.address}
        error={errors.address}
        onChange={(address) => {
          setDraft({ address });
          at("address", undefined);
        }}
      />
      <FormError>{whole}</FormError>
      <Button type="submit" size="l" wide loading={register.isPending}>
        {account.register}
      </Button>
      <p className={css.other}>
        {account.hasAccount}{" "}
        <Link className={css.link} to={{ pathname: "/signin", search: search.toString() }}>
          {account.toSignIn}
        </Link>
      </p>
    </form>
  );
}
