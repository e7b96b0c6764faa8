import type { ComponentProps } from "react";
import { cx } from "./cx";
import css from "./Card.module.css";

/** A quiet raised ground. `inset` lies lower instead, for notes. */
export function Card({ inset, className, ...rest }: { inset?: boolean | undefined } & ComponentProps<"div">) {
  return <div {...rest} className={cx(css.card, inset && css.inset, className)} />;
}
