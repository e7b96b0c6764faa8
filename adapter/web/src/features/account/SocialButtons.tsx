import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { safeNext } from "../../api/session";
import { cx } from "../../ui/cx";
import { FormError } from "../../ui/Field";
import { refusal } from "../../words";
import { account } from "../../words/account";
import { ProviderMark } from "./ProviderMark";
import { providersQuery, useLeaveFor, within } from "./social";
import css from "./SocialButtons.module.css";

const { social: words } = account;

/** The other ways to sign in, where this server has some. */
export function SocialButtons() {
  const [search] = useSearchParams();
  const { data: providers } = useQuery(providersQuery);
  const leave = useLeaveFor();
  const inside = within(navigator.userAgent);
  if (!providers?.length) return null;
  return (
    <section className={css.social} aria-labelledby="social">
      <h2 id="social" className={css.title}>
        {words.title}
      </h2>
      {providers.map(({ provider, name }) =>
        provider === "google" && inside ? (
          <p key={provider} className={css.note}>
            {words.noGoogle[inside]}
            {inside === "kakaotalk" && (
              <>
                {" "}
                <a className={css.link} href={`kakaotalk://web/openExternal?url=${encodeURIComponent(location.href)}`}>
                  {words.openElsewhere}
                </a>
              </>
            )}
          </p>
        ) : (
          <button
            key={provider}
            type="button"
            className={cx(css.button, css[provider])}
            aria-busy={(leave.isPending && leave.variables.provider === provider) || undefined}
            onClick={() => {
              if (!leave.isPending) leave.mutate({ provider, next: safeNext(search.get("next")) });
            }}
          >
            <ProviderMark provider={provider} />
            {words.with(name)}
          </button>
        ),
      )}
      <FormError>{leave.error && refusal(leave.error)}</FormError>
    </section>
  );
}
