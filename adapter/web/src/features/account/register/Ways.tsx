import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { ButtonLink } from "../../../ui/Button";
import { useBack } from "../../../ui/useBack";
import { account } from "../../../words/account";
import css from "../Form.module.css";
import { providersQuery } from "../social";

/** Leads to the form, which is the way of few where there are providers. */
export function ByEmail() {
  const [search] = useSearchParams();
  return (
    <ButtonLink to={{ pathname: "/register/email", search: search.toString() }} variant="plain" size="l" wide className={css.below}>
      {account.byEmail}
    </ButtonLink>
  );
}

/** Leads back to the providers, if there are any. */
export function OtherWays() {
  const [search] = useSearchParams();
  const { data: providers } = useQuery(providersQuery);
  const back = useBack();
  if (!providers?.length) return null;
  return (
    <p className={css.after}>
      <Link className={css.link} to={{ pathname: "/register", search: search.toString() }} onClick={back}>
        {account.otherWays}
      </Link>
    </p>
  );
}

/** Leads to the sign-in, and from there to where one wanted. */
export function HasAccount() {
  const [search] = useSearchParams();
  return (
    <p className={css.after}>
      {account.hasAccount}{" "}
      <Link className={css.link} to={{ pathname: "/signin", search: search.toString() }}>
        {account.toSignIn}
      </Link>
    </p>
  );
}
