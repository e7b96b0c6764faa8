import { ChevronRight, Fingerprint, KeyRound, LogOut, MapPin, MonitorSmartphone, UserRoundX } from "lucide-react";
import { useEffect, useState, type FormEvent } from "react";
import { Link } from "react-router";
import { current, type User } from "../../../api/session";
import { Avatar } from "../../../ui/Avatar";
import { Button } from "../../../ui/Button";
import { FormError, TextField } from "../../../ui/Field";
import { toast } from "../../../ui/toast";
import { refusal } from "../../../words";
import { account } from "../../../words/account";
import { AddressField } from "../address/AddressField";
import { checkAddress, checkUsername } from "../check";
import form from "../Form.module.css";
import css from "./Profile.module.css";
import { useSignOut, useUpdate } from "../queries";
import { useErrors } from "../useErrors";

/** Who I am, and where. */
export function Me({ user }: { user: User }) {
  return (
    <div className={css.me}>
      <Avatar id={user.id} name={user.username} size="l" />
      <div className={css.who}>
        <p className={css.name}>{user.username}</p>
        <p className={css.email}>{user.email ?? "\u00a0"}</p>
        <p className={css.place}>
          <MapPin size={16} aria-hidden="true" />
          {user.address}
        </p>
      </div>
    </div>
  );
}

/** Changes name and address. */
export function ProfileForm({ user }: { user: User }) {
  // Begins anew when the person has changed, here or on another device.
  return <Fields key={`${user.username}\n${user.address}`} user={user} />;
}

function Fields({ user }: { user: User }) {
  const [username, setUsername] = useState(user.username);
  const [address, setAddress] = useState(user.address);
  const { form: ref, errors, whole, found, refused, at, meant } = useErrors(["username", "address"]);
  const update = useUpdate();

  const changes = {
    ...(username.trim() !== user.username && { username: username.trim() }),
    ...(address.trim() !== user.address && { address: address.trim() }),
  };
  const changed = Object.keys(changes).length > 0;

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (!changed || found({ username: checkUsername(username), address: checkAddress(address) })) return;
    try {
      await update.mutateAsync(changes);
      toast(account.saved);
    } catch (error) {
      refused(error);
    }
  }

  return (
    <form ref={ref} className={form.form} onSubmit={(event) => void submit(event)} noValidate aria-label={account.profileForm}>
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
      {"address" in changes && <p className={form.note}>{account.moveNote}</p>}
      <FormError>{whole}</FormError>
      <Button type="submit" size="l" wide disabled={!changed} loading={update.isPending}>
        {account.save}
      </Button>
    </form>
  );
}

/** Leads to the devices, the ways to sign in, password, sign-out and withdrawal. */
export function AccountLinks() {
  const signOut = useSignOut();
  // What says that there is no network cannot be fetched then.
  useEffect(() => void import("../../../ui/Toaster"), []);

  async function leave() {
    try {
      await signOut.mutateAsync();
      toast(account.signedOut);
    } catch (error) {
      // Where nobody was signed in any more, the sign-in says so.
      if (current().user) toast(refusal(error), { tone: "bad" });
    }
  }

  return (
    <ul className={css.list}>
      <li>
        <Link to="/me/devices" className={css.row}>
          <MonitorSmartphone size={20} aria-hidden="true" />
          {account.devices.title}
          <ChevronRight size={20} className={css.arrow} aria-hidden="true" />
        </Link>
      </li>
      <li>
        <Link to="/me/ways" className={css.row}>
          <Fingerprint size={20} aria-hidden="true" />
          {account.social.waysTitle}
          <ChevronRight size={20} className={css.arrow} aria-hidden="true" />
        </Link>
      </li>
      <li>
        <Link to="/me/password" className={css.row}>
          <KeyRound size={20} aria-hidden="true" />
          {account.changePassword}
          <ChevronRight size={20} className={css.arrow} aria-hidden="true" />
        </Link>
      </li>
      <li>
        <button
          type="button"
          className={css.row}
          aria-busy={signOut.isPending || undefined}
          onClick={() => {
            if (!signOut.isPending) void leave();
          }}
        >
          <LogOut size={20} aria-hidden="true" />
          {account.signOut}
        </button>
      </li>
      <li>
        <Link to="/me/withdraw" className={css.row}>
          <UserRoundX size={20} aria-hidden="true" />
          {account.withdraw}
          <ChevronRight size={20} className={css.arrow} aria-hidden="true" />
        </Link>
      </li>
    </ul>
  );
}
