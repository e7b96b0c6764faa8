import { useEffect, useRef } from "react";
import { Button } from "../../../ui/Button";
import { FormError } from "../../../ui/Field";
import { refusal } from "../../../words";
import { common } from "../../../words/ko";
import { list as words } from "../../../words/party";
import css from "./PartyList.module.css";

/** The end of a list that goes on. It grows before one gets there, and by a button, whose press leads to the first new post. */
export function More({ more, onMore, loading, error, count }: {
  /** Whether there are any. It stays without, for who has pressed it. */
  more: boolean;
  onMore: () => void;
  loading: boolean;
  error: Error | null;
  /** How many posts there are so far. */
  count: number;
}) {
  const end = useRef<HTMLDivElement>(null);
  const grow = useRef(onMore);
  useEffect(() => {
    grow.current = onMore;
  });

  useEffect(() => {
    if (!more || loading || error || !end.current || typeof IntersectionObserver !== "function") return;
    const watcher = new IntersectionObserver(([entry]) => entry?.isIntersecting && grow.current(), { rootMargin: "0px 0px 600px" });
    watcher.observe(end.current);
    return () => watcher.disconnect();
  }, [more, loading, error, count]);

  const pressed = useRef<number | null>(null);
  useEffect(() => {
    if (pressed.current === null || count <= pressed.current) return;
    end.current?.parentElement?.querySelectorAll<HTMLElement>("ul > li")[pressed.current]?.querySelector("a")?.focus();
    pressed.current = null;
  }, [count]);

  return (
    <div ref={end} className={css.more}>
      <FormError>{error && refusal(error)}</FormError>
      {more && (
        <Button
          variant="soft"
          wide
          loading={loading}
          onClick={() => {
            pressed.current = count;
            onMore();
          }}
        >
          {error ? common.retry : words.more}
        </Button>
      )}
    </div>
  );
}
