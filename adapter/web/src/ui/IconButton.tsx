import type { ComponentProps, ReactNode } from "react";
import { cx } from "./cx";
import css from "./IconButton.module.css";

type Look = {
  /** What it does, in words. Read out, and shown as a tip. */
  label: string;
  icon: ReactNode;
  /** filled: on a round ground of its own. */
  variant?: "plain" | "filled" | undefined;
};

export function IconButton({ label, icon, variant = "plain", className, type = "button", ...rest }: Look & Omit<ComponentProps<"button">, "children">) {
  return (
    <button title={label} {...rest} type={type} aria-label={label} className={cx(css.button, css[variant], className)}>
      {icon}
    </button>
  );
}
