import { nav } from "../words/ko";
import css from "./Badge.module.css";

/** How much is new somewhere. Nothing is shown for 0. */
export function Badge({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <span className={css.badge}>
      <span aria-hidden="true">{count > 99 ? "99+" : count}</span>
      <span className="sr-only">{nav.fresh(count)}</span>
    </span>
  );
}
