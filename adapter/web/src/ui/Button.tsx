import type { ComponentProps, ReactNode } from "react";
import { Link, type LinkProps } from "react-router";
import css from "./Button.module.css";
import { cx } from "./cx";

type Look = {
  /** primary: the one thing to do here. soft: beside it. plain: text only. danger: cannot be undone. */
  variant?: "primary" | "soft" | "plain" | "danger" | "danger-soft" | undefined;
  size?: "m" | "l" | "s" | undefined;
  /** As wide as the place it stands in. */
  wide?: boolean | undefined;
  icon?: ReactNode;
};

export type ButtonProps = Look & {
  /** Shows that it is under way and takes no further presses. The focus stays. */
  loading?: boolean | undefined;
} & ComponentProps<"button">;

function look({ variant = "primary", size = "m", wide }: Look, className?: string) {
  return cx(css.button, css[variant], css[size], wide && css.wide, className);
}

export function Button({ variant, size, wide, icon, loading = false, className, children, type = "button", onClick, ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      className={look({ variant, size, wide }, className)}
      aria-disabled={loading || undefined}
      aria-busy={loading || undefined}
      onClick={(event) => {
        if (loading) event.preventDefault();
        else onClick?.(event);
      }}
    >
      <span className={cx(css.face, loading && css.hidden)}>
        {icon}
        {children}
      </span>
      {loading && <span className={css.dots} aria-hidden="true"><i /><i /><i /></span>}
    </button>
  );
}

export function ButtonLink({ variant, size, wide, icon, className, children, ...rest }: Look & LinkProps) {
  return (
    <Link {...rest} className={look({ variant, size, wide }, className)}>
      <span className={css.face}>
        {icon}
        {children}
      </span>
    </Link>
  );
}
