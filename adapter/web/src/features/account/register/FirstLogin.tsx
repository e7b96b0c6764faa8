import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Link } from "react-router";
import { Refused, type Schemas } from "../../../api/client";
import { readArrival } from "../../../api/storage";
import { Button, ButtonLink } from "../../../ui/Button";
import { FormError, TextField } from "../../../ui/Field";
import { Loading, Skeleton } from "../../../ui/Skeleton";
import { Failed } from "../../../ui/Status";
import { toast } from "../../../ui/toast";
import { refusal } from "../../../words";
import { account } from "../../../words/account";
import { AddressField } from "../address/AddressField";
import { checkAddress, checkEmail, checkUsername } from "../check";
import css from "../Form.module.css";
import { pendingQuery, useLeaveFor, useProviderName, useRegisterPending } from "../social";
import { useErrors } from "../useErrors";

const { social: words } = account;

/** The sign-in through a provider that goes on here. */
type Sign = {
  provider: string;
  /** Whose form it is, where several go on. */
  attempt: string | null;
  /** Where one wanted. */
  next: string;
};

/** Where one links a provider to an account that there is already. */
const link = `/signin?next=${encodeURIComponent("/me/ways")}`;

/** What is still to be told by who comes from a provider for the first time. */
export function FirstLogin(of: Sign) {
  const { data, error, refetch } = useQuery(pendingQuery(of.attempt));
  const nameOf = useProviderName();
  if (data && nameOf) return <Fields of={of} pending={data} name={nameOf(data.provider)} />;
  if (error && isOver(error)) return <Over of={of} error={error} />;
  if (error) {
    return (
      <>
        <Failed error={error} onRetry={() => void refetch()} />
        <ToSignIn next={of.next} />
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

/** True if the form leads nowhere any more: it took too long, or it was sent already. */
function isOver(error: unknown) {
  return error instanceof Refused && (error.code === "nothing_pending" || error.code === "identity_taken");
}

/** Leads through the provider again, which may not even ask, and to where one wanted. */
function Over({ of: { provider, next }, error }: { of: Sign; error: unknown }) {
  const leave = useLeaveFor();
  const nameOf = useProviderName();
  return (
    <div className={css.form}>
      <FormError>{refusal(leave.error ?? error)}</FormError>
      {nameOf && (
        <Button size="l" wide loading={leave.isPending} onClick={() => leave.mutate({ provider, next })}>
          {words.anew(nameOf(provider))}
        </Button>
      )}
      <ToSignIn next={next} />
    </div>
  );
}

function ToSignIn({ next }: { next: string }) {
  return (
    <ButtonLink to={`/signin?next=${encodeURIComponent(next)}`} variant="plain" wide>
      {words.toSignIn}
    </ButtonLink>
  );
}

function Fields({ of, pending, name }: { of: Sign; pending: Schemas["Pending"]; name: string }) {
  const [username, setUsername] = useState(pending.username);
  const [email, setEmail] = useState(pending.email);
  const [address, setAddress] = useState(readArrival);
  const { form, errors, whole, found, refused, at, meant } = useErrors(["email", "username", "address"]);
  const register = useRegisterPending();
  // What the provider says is taken, until it turns out to be somebody's already.
  const [asksEmail, setAsksEmail] = useState(pending.email === "");
  if (errors.email && !asksEmail) setAsksEmail(true);

  const [over, setOver] = useState<unknown>(null);
  const taken = errors.email !== undefined && register.isError;

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (found({ email: checkEmail(email), username: checkUsername(username), address: checkAddress(address) })) return;
    try {
      const { user } = await register.mutateAsync({ email: email.trim(), username: username.trim(), address: address.trim(), ...(of.attempt !== null && { attempt: of.attempt }) });
      toast(account.welcome(user.username));
    } catch (error) {
      if (isOver(error)) setOver(error);
      else refused(error);
    }
  }

  if (over) return <Over of={of} error={over} />;
  return (
    <form ref={form} className={css.form} onSubmit={(event) => void submit(event)} noValidate>
      <p className={css.note}>
        {words.known(name)}
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
      {taken && (
        <div className={css.note}>
          <p>{words.linkHow(name)}</p>
          <Link className={css.link} to={link}>
            {account.toSignIn}
          </Link>
        </div>
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
        suggestions={meant("address")}
        onChange={(next) => {
          setAddress(next);
          at("address", undefined);
        }}
      />
      <FormError>{whole}</FormError>
      <Button type="submit" size="l" wide loading={register.isPending}>
        {account.register}
      </Button>
      <p className={css.other}>
        {account.hasAccount}{" "}
        <Link className={css.link} to={link}>
          {words.linkInstead}
        </Link>
      </p>
    </form>
  );
}
