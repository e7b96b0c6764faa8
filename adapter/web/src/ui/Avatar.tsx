import { cx } from "./cx";
import css from "./Avatar.module.css";

function initialOf(name: string): string {
  return (Array.from(name.trim())[0] ?? "?").toLocaleUpperCase("ko-KR");
}

function shadeOf(id: number): string {
  return String((id * 7) % 8);
}

/** A round picture made of a name: the same person always has the same colour. It says nothing to a reader; put the name beside it. */
export function Avatar({ id, name, size = "m" }: { id: number; name: string; size?: "s" | "m" | "l" | undefined }) {
  return (
    <span className={cx(css.avatar, css[size], css[`c${shadeOf(id)}`])} aria-hidden="true">
      {initialOf(name)}
    </span>
  );
}
