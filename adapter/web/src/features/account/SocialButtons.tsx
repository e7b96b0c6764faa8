import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useSearchParams } from "react-router";
import type { Schemas } from "../../api/client";
import { safeNext } from "../../api/session";
import { cx } from "../../ui/cx";
import { FormError } from "../../ui/Field";
import { Loading, Skeleton } from "../../ui/Skeleton";
import { refusal } from "../../words";
import { account } from "../../words/account";
import { ProviderMark } from "./ProviderMark";
import { providersQuery, useLeaveFor, within } from "./social";
import css from "./SocialButtons.module.css";

const { social: words } = account;

/**
 * The providers of this server, above another way, which is told whether there are any.
 * Neither is shown until that is known, so that nothing moves.
 */
export function ProvidersFirst({ children }: { children: (any: boolean) => ReactNode }) {
  const { data: providers = [], isPending } = useQuery(providersQuery);
  if (isPending) {
    return (
      <Loading className={css.social}>
        <Skeleton className={css.place} />
        <Skeleton className={css.place} />
        <Skeleton className={css.place} />
      </Loading>
    );
  }
  const any = providers.length > 0;
  return (
    <>
      {any && <SocialButtons providers={providers} />}
      {children(any)}
    </>
  );
}

/** Stands between the providers and a form. */
export function Or({ children }: { children: string }) {
  return <h2 className={css.or}>{children}</h2>;
}

function SocialButtons({ providers }: { providers: Schemas["Provider"][] }) {
  const [search] = useSearchParams();
  const leave = useLeaveFor();
  const inside = within(navigator.userAgent);
  return (
    <section className={css.social} aria-label={words.title}>
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
