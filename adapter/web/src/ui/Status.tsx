import { CloudOff, WifiOff } from "lucide-react";
import { useSyncExternalStore, type ReactNode } from "react";
import { refusal } from "../words";
import { ago, common, offline } from "../words/ko";
import { Button } from "./Button";
import css from "./Status.module.css";

/** Nothing here (yet): a picture, a sentence, and something to do. */
export function Empty({ icon, title, children, action }: { icon: ReactNode; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={css.status}>
      <div className={css.icon}>{icon}</div>
      <p className={css.title}>{title}</p>
      {children !== undefined && <p className={css.text}>{children}</p>}
      {action !== undefined && <div className={css.action}>{action}</div>}
    </div>
  );
}

/** Something could not be loaded. Says why, and tries again. */
export function Failed({ error, onRetry }: { error: unknown; onRetry?: (() => unknown) | undefined }) {
  return (
    <div role="alert">
      <Empty
        icon={<CloudOff size={32} aria-hidden="true" />}
        title={refusal(error)}
        action={onRetry && <Button variant="soft" onClick={() => void onRetry()}>{common.retry}</Button>}
      />
    </div>
  );
}

const dayAndTime = (at: Date) => `${ago.date(null, at.getMonth() + 1, at.getDate())} ${ago.time(at.getHours(), at.getMinutes())}`;

/** Says why what is shown is not new, and from when it is. */
export function Stale({ why, at, onRetry }: { why: string; /** In milliseconds. */ at: number; onRetry: () => unknown }) {
  return (
    <div role="alert" className={css.stale}>
      <p>
        {why} {offline.seen(dayAndTime(new Date(at)))}
      </p>
      <Button variant="plain" size="s" onClick={() => void onRetry()}>
        {common.retry}
      </Button>
    </div>
  );
}

function subscribe(listener: () => void) {
  addEventListener("online", listener);
  addEventListener("offline", listener);
  return () => {
    removeEventListener("online", listener);
    removeEventListener("offline", listener);
  };
}

export function useOnline(): boolean {
  return useSyncExternalStore(subscribe, () => navigator.onLine, () => true);
}

/** A line at the top while there is no network. */
export function OfflineBar() {
  const online = useOnline();
  return (
    <div role="status">
      {!online && (
        <p className={css.offline}>
          <WifiOff size={16} aria-hidden="true" />
          {offline.bar}
        </p>
      )}
    </div>
  );
}
