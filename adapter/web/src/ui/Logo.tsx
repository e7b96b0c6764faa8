import { app } from "../words/ko";
import { cx } from "./cx";
import css from "./Logo.module.css";

/** Two neighbours behind one bowl of rice; the bowl smiles. */
export function Mark({ className }: { className?: string | undefined }) {
  return (
    <svg viewBox="0 0 48 48" className={cx(css.mark, className)} aria-hidden="true">
      <circle cx="16.5" cy="12.5" r="7.5" className={css.one} />
      <circle cx="31.5" cy="12.5" r="7.5" className={css.two} />
      <path d="M9 25.5C9 18.6 15.7 15 24 15s15 3.6 15 10.5z" className={css.rice} />
      <path d="M3.5 23.5h41c1.4 0 2.5 1.1 2.4 2.5C46.2 37.5 36.5 45 24 45S1.8 37.5 1.1 26c-.1-1.4 1-2.5 2.4-2.5z" className={css.bowl} />
      <path d="M16.5 32.5c1.6 3.1 4.3 4.7 7.5 4.7s5.9-1.6 7.5-4.7" className={css.smile} />
    </svg>
  );
}

export function Logo({ className }: { className?: string | undefined }) {
  return (
    <span className={cx(css.logo, className)}>
      <Mark />
      <span>{app.name}</span>
    </span>
  );
}
