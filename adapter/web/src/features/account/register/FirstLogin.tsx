import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import type { Schemas } from "../../../api/client";
import { Button, ButtonLink } from "../../../ui/Button";
import { FormError, TextField } from "../../../ui/Field";
import { Loading, Skeleton } from "../../../ui/Skeleton";
import { Failed } from "../../../ui/Status";
import { toast } from "../../../ui/toast";
import { account } from "../../../words/account";
import { AddressField } from "../address/AddressField";
import { checkAddress, checkEmail, checkUsername } from "../check";
import css from "../Form.module.css";
import { nameOf, pendingQuery, useRegisterPending } from "../social";
import { useErrors } from "../useErrors";

const { social: words } = account;

/** What is still to be told by who comes from a provider for the first time. */
export function FirstLogin({ signIn }: { /** Where to begin anew. */ signIn: string }) {
  const { data, error, refetch } = useQuery(pendingQuery);
  if (data) return <Fields pending={data} />;
  if (error) {
    return (
      <>
        <Failed error={error} onRetry={() => void refetch()} />
        <ButtonLink to={signIn} variant="plain" wide>
          {words.toSignIn}
        </ButtonLink>
      </>
    );
  }
  return (
    <Loading className={css.form}>
      <Skeleton shape="block" />
      <Skeleton shape="block" />
    </Loading>
  );
}

function Fields({ pending }: { pending: Schemas["Pending"] }) {
  const [username, setUsername] = useState(pending.username);
  const [email, setEmail] = useState(pending.email);
  const [address, setAddress] = useState("");
  const { form, errors, whole, found, refused, at } = useErrors(["email", "username", "address"]);
  const register = useRegisterPending();
  // What the provider says is taken, until it turns out to be somebody's already.
  const [asksEmail, setAsksEmail] = useState(pending.email === "");
  if (errors.email && !asksEmail) setAsksEmail(true);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (found({ email: checkEmail(email), username: checkUsername(username), address: checkAddress(address) })) return;
    try {
      const { user } = await register.mutateAsync({ email: email.trim(), username: username.trim(), address: address.trim() });
      toast(account.welcome(user.username));
    } catch (error) {
      refused(error);
    }
  }

  return (
    <form ref={form} className={css.form} onSubmit={(event) => void submit(event)} noValidate>
      <p className={css.note}>
        {words.known(nameOf(pending.provider))}
        {!asksEmail && ` ${words.knownEmail(pending.email)}`}
      </p>
      {asksEmail && (
        <TextField
          label={account.email}
          name="email"
          type="email"
          autoComplete="email"
          placeholder={account.emailPlaceholder}
          autoCapitalize="none"
          spellCheck={false}
          hint={words.emailHint}
          value={email}
          error={errors.email}
          onChange={(event) => {
            setEmail(event.target.value);
            at("email", undefined);
          }}
        />
      )}
      <TextField
        label={account.username}
        name="username"
        autoComplete="nickname"
        hint={account.usernameHint}
        value={username}
        error={errors.username}
        onChange={(event) => {
          setUsername(event.target.value);
          at("username", undefined);
        }}
      />
      <AddressField
        value={address}
        error={errors.address}
        onChange={(next) => {
          setAddress(next);
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
