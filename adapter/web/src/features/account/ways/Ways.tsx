import { useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useRef, useState } from "react";
import { useSession } from "../../../api/session";
import { Button, ButtonLink } from "../../../ui/Button";
import { Confirm } from "../../../ui/Dialog";
import { Loading, Skeleton } from "../../../ui/Skeleton";
import { Failed } from "../../../ui/Status";
import { TimeAgo } from "../../../ui/TimeAgo";
import { toast } from "../../../ui/toast";
import { useOverlay } from "../../../ui/useOverlay";
import { refusal } from "../../../words";
import { account } from "../../../words/account";
import { ProviderMark } from "../ProviderMark";
import css from "../devices/SignIns.module.css";
import { providersQuery, useLeaveFor, useProviderName, useUnlink, waysQuery, within } from "../social";
import { AskPassword, wantsPassword } from "./AskPassword";

const { social: words } = account;

/** How I can sign in: with a password, and by way of others. */
export function Ways() {
  const { user } = useSession();
  const { data, error, refetch } = useQuery(waysQuery);
  const { data: providers = [] } = useQuery(providersQuery);
  const names = useProviderName();
  const [cutting, setCutting] = useState("");
  const asking = useOverlay();
  const confirming = useOverlay();
  // What was refused because the password is wanted first.
  const [withPassword, setWithPassword] = useState<(password: string) => Promise<unknown>>();
  const wanted = useRef(false);
  const leave = useLeaveFor();
  const unlink = useUnlink();
  const inside = within(navigator.userAgent);

  if (error && !data) return <Failed error={error} onRetry={() => void refetch()} />;
  if (!data || !names) {
    return (
      <Loading className={css.list}>
        {[1, 2].map((n) => (
          <div key={n} className={css.device}>
            <Skeleton shape="circle" />
            <Skeleton className={css.bone} />
          </div>
        ))}
      </Loading>
    );
  }
  const nameOf = names;
  function link(provider: string) {
    const to = { provider, link: true, next: "/me/ways" };
    leave.mutate(to, {
      onError: (error) => {
        if (!wantsPassword(error)) return toast(refusal(error), { tone: "bad" });
        setWithPassword(() => (password: string) => leave.mutateAsync({ ...to, password }));
        confirming.show();
      },
    });
  }

  async function cut(provider: string, password?: string) {
    await unlink.mutateAsync({ provider, ...(password && { password }) });
    toast(words.cutDone(nameOf(provider)));
  }

  const linked = new Map(data.linked.map((one) => [one.provider, one.linked_at]));
  const others = [...new Set([...providers.map(({ provider }) => provider), ...linked.keys()])];
  return (
    <>
      <ul className={css.list}>
        <li className={css.device}>
          <span className={css.icon}>
            <KeyRound size={20} aria-hidden="true" />
          </span>
          <div className={css.what}>
            <p className={css.name}>{account.password}</p>
            <p className={css.where}>{data.password ? words.hasPassword : words.noPassword}</p>
          </div>
          <ButtonLink to="/me/password" variant="soft" size="s" aria-label={data.password ? account.changePassword : words.makePassword}>
            {data.password ? account.change : words.make}
          </ButtonLink>
        </li>
        {others.map((provider) => {
          const name = nameOf(provider);
          const since = linked.get(provider);
          return (
            <li key={provider} className={css.device}>
              <span className={css.icon}>
                <ProviderMark provider={provider} />
              </span>
              <div className={css.what}>
                <p className={css.name}>{name}</p>
                <p className={css.where}>
                  {since ? (
                    <>
                      {words.since} <TimeAgo at={since} />
                    </>
                  ) : provider === "google" && inside ? (
                    words.noGoogle[inside]
                  ) : (
                    words.notLinked
                  )}
                </p>
              </div>
              {since ? (
                <Button
                  variant="soft"
                  size="s"
                  aria-label={words.cutName(name)}
                  onClick={() => {
                    setCutting(provider);
                    asking.show();
                  }}
                >
                  {words.cut}
                </Button>
              ) : (
                !(provider === "google" && inside) && (
                  <Button
                    variant="soft"
                    size="s"
                    aria-label={words.linkName(name)}
                    loading={leave.isPending && leave.variables.provider === provider}
                    onClick={() => link(provider)}
                  >
                    {words.link}
                  </Button>
                )
              )}
            </li>
          );
        })}
      </ul>
      <Confirm
        overlay={asking}
        title={words.cutTitle(nameOf(cutting))}
        confirm={words.cut}
        danger
        onConfirm={async () => {
          wanted.current = false;
          try {
            await cut(cutting);
          } catch (error) {
            if (!wantsPassword(error)) throw error;
            wanted.current = true;
            setWithPassword(() => (password: string) => cut(cutting, password));
          }
        }}
        onDone={() => wanted.current && confirming.show()}
      >
        {words.cutText}
      </Confirm>
      <AskPassword overlay={confirming} email={user?.email ?? ""} onConfirm={async (password) => withPassword?.(password)} />
    </>
  );
}
