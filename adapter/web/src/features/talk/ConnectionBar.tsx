import { LoaderCircle } from "lucide-react";
import { useEffect, useState } from "react";
import type { Connection } from "../../api/socket";
import { useOnline } from "../../ui/Status";
import { talk as words } from "../../words/talk";
import css from "./ConnectionBar.module.css";

const delay = 1500;

/** Says that the connection is lost, unless it is back quickly or the whole app is offline. */
export function ConnectionBar({ connection, onRetry }: { connection: Connection; onRetry: () => void }) {
  const online = useOnline();
  const there = connection.state === "open";
  return <div role="status">{!there && online && <Lost connecting={connection.state === "connecting"} onRetry={onRetry} />}</div>;
}

function Lost({ connecting, onRetry }: { connecting: boolean; onRetry: () => void }) {
  const [late, setLate] = useState(false);
  const [wasLost, setWasLost] = useState(!connecting);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), delay);
    return () => clearTimeout(timer);
  }, []);
  if (!connecting && !wasLost) setWasLost(true);
  if (!late) return null;
  return (
    <div className={css.bar}>
      <LoaderCircle size={18} className={css.turning} aria-hidden="true" />
      <span className={css.words}>{wasLost ? words.lost : words.connecting}</span>
      {wasLost && (
        <button type="button" className={css.retry} onClick={onRetry}>
          {words.reconnect}
        </button>
      )}
    </div>
  );
}
