import { LoaderCircle } from "lucide-react";
import { useEffect, useState } from "react";
import type { Connection } from "../../api/socket";
import { useOnline } from "../../ui/Status";
import { talk as words } from "../../words/talk";
import css from "./ConnectionBar.module.css";

const patience = 1500;

/** Says that the line is lost. Not for the blink of an eye in which a line is changed, nor beside the word that the whole app is offline. */
export function ConnectionBar({ connection, onRetry }: { connection: Connection; onRetry: () => void }) {
  const online = useOnline();
  const there = connection.is === "open";
  return <div role="status">{!there && online && <Lost connecting={connection.is === "connecting"} onRetry={onRetry} />}</div>;
}

function Lost({ connecting, onRetry }: { connecting: boolean; onRetry: () => void }) {
  const [late, setLate] = useState(false);
  const [wasLost, setWasLost] = useState(!connecting);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), patience);
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
