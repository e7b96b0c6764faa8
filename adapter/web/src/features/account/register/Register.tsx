import type { FormEvent } from "react";
import { readArrival } from "../../../api/storage";
import { Button } from "../../../ui/Button";
import { FormError, TextField } from "../../../ui/Field";
import { toast } from "../../../ui/toast";
import { useDraft } from "../../../ui/useDraft";
import { account } from "../../../words/account";
import { AddressField } from "../address/AddressField";
import { checkAddress, checkEmail, checkPassword, checkUsername } from "../check";
import css from "../Form.module.css";
import { PasswordField } from "../PasswordField";
import { useRegister } from "../queries";
import { text, useErrors } from "../useErrors";

const names = ["email", "username", "password", "address"] as const;

/** Sign-up with an e-mail address and a password. */
export function Register() {
  const [draft, setDraft, forget] = useDraft("register", { email: "", username: "", address: readArrival() });
  const { form, errors, whole, found, refused, at, meant } = useErrors(names);
  const register = useRegister();

  /** What is wrong now, of everything. */
  function check() {
    const password = text(new FormData(form.current!), "password");
    return {
      body: { email: draft.email.trim(), username: draft.username.trim(), password, address: draft.address.trim() },
      wrong: {
        email: checkEmail(draft.email),
        username: checkUsername(draft.username),
        password: checkPassword(password, draft),
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
      const { user } = await register.mutateAsync({ ...body, password2: body.password });
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
      <AddressField
        value={draft.address}
        error={errors.address}
        suggestions={meant("address")}
        onChange={(address) => {
          setDraft({ address });
          at("address", undefined);
        }}
      />
      <FormError>{whole}</FormError>
      <Button type="submit" size="l" wide loading={register.isPending}>
        {account.register}
      </Button>
    </form>
  );
}
