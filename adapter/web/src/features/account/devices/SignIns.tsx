import { useQuery } from "@tanstack/react-query";
import { LogOut, MonitorSmartphone } from "lucide-react";
import { useState } from "react";
import type { Schemas } from "../../../api/client";
import { Button } from "../../../ui/Button";
import { Confirm } from "../../../ui/Dialog";
import { Loading, Skeleton } from "../../../ui/Skeleton";
import { Empty, Failed } from "../../../ui/Status";
import { TimeAgo } from "../../../ui/TimeAgo";
import { toast } from "../../../ui/toast";
import { useOverlay } from "../../../ui/useOverlay";
import { account } from "../../../words/account";
import { signInsQuery, useEndAll, useEndSignIn } from "../queries";
import css from "./SignIns.module.css";

const { devices: words } = account;

/** Where I am signed in, and how to end that. */
export function SignIns() {
  const { data, error, refetch } = useQuery(signInsQuery);
  const [ending, setEnding] = useState<Schemas["SignIn"] | null>(null);
  const askingOne = useOverlay();
  const askingAll = useOverlay();
  const end = useEndSignIn();
  const endAll = useEndAll();

  if (!data) {
    return error ? (
      <Failed error={error} onRetry={() => void refetch()} />
    ) : (
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
  if (data.length === 0) return <Empty icon={<MonitorSmartphone size={32} aria-hidden="true" />} title={words.none} />;
  return (
    <>
      <p className={css.lead}>{words.lead}</p>
      <ul className={css.list}>
        {data.map((one) => (
          <li key={one.id} className={css.device}>
            <span className={css.icon}>
              <MonitorSmartphone size={22} aria-hidden="true" />
            </span>
            <div className={css.what}>
              <p className={css.name}>
                {one.device}
                {one.current && <span className={css.badge}>{words.here}</span>}
              </p>
              <p className={css.where}>{one.place}</p>
              <p className={css.where}>
                {one.current ? words.now : <>{words.seen} <TimeAgo at={one.last_seen_at} /></>}
              </p>
            </div>
            {!one.current && (
              <Button
                variant="soft"
                size="s"
                aria-label={words.endName(one.device)}
                onClick={() => {
                  setEnding(one);
                  askingOne.show();
                }}
              >
                {words.end}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <Button variant="danger-soft" size="l" wide icon={<LogOut size={18} aria-hidden="true" />} onClick={askingAll.show}>
        {words.endAll}
      </Button>
      <Confirm
        overlay={askingOne}
        title={words.endTitle(ending?.device ?? "")}
        confirm={words.endDo}
        danger
        onConfirm={async () => {
          if (!ending) return;
          await end.mutateAsync(ending.id);
          toast(words.ended(ending.device));
        }}
      >
        {words.endText}
      </Confirm>
      <Confirm
        overlay={askingAll}
        title={words.endAllTitle}
        confirm={words.endDo}
        danger
        onConfirm={async () => {
          await endAll.mutateAsync();
          toast(words.endedAll);
        }}
      >
        {words.endAllText}
      </Confirm>
    </>
  );
}
