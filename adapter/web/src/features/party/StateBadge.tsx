import { cx } from "../../ui/cx";
import { party } from "../../words/party";
import css from "./StateBadge.module.css";

/** Whether a party still takes people. */
export function StateBadge({ done }: { done: boolean }) {
  return <span className={cx(css.badge, done && css.done)}>{done ? party.done : party.open}</span>;
}
