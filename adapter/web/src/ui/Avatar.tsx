import { cx } from "./cx";
import css from "./Avatar.module.css";

/** A round picture made of a name: the same person always has the same colour. It says nothing to a reader; put the name beside it. */
export function Avatar({ id, name, size = "m" }: { id: number; name: string; size?: "s" | "m" | "l" | undefined }) {
  const initial = Array.from(name.trim())[0] ?? "?";
  return (
    <span className={cx(css.avatar, css[size], css[`c${(id * 7) % 8}`])} aria-hidden="true">
      {initial.toLocaleUpperCase("ko-KR")}
    </span>
  );
}
