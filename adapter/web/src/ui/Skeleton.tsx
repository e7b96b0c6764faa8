import type { ReactNode } from "react";
import { common } from "../words/ko";
import { cx } from "./cx";
import css from "./Skeleton.module.css";

/** A grey place where something will be. Put several into a `Loading`. */
export function Skeleton({ shape = "line", className }: { shape?: "line" | "title" | "block" | "circle" | "tile" | undefined; className?: string | undefined }) {
  return <span className={cx(css.bone, css[shape], className)} aria-hidden="true" />;
}

/** Says once that something is loading; its children are the skeletons. */
export function Loading({ children, className }: { children: ReactNode; className?: string | undefined }) {
  return (
    <div className={className} role="status" aria-busy="true">
      <span className="sr-only">{common.loading}</span>
      {children}
    </div>
  );
}

/** A whole page that is not here yet. */
export function PageSkeleton() {
  return (
    <Loading className={css.page}>
      <Skeleton shape="title" />
      <Skeleton shape="block" />
      <Skeleton shape="block" />
      <Skeleton shape="block" />
    </Loading>
  );
}
