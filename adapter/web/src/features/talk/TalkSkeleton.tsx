import { cx } from "../../ui/cx";
import { Loading, Skeleton } from "../../ui/Skeleton";
import css from "./TalkSkeleton.module.css";

const shapes = ["other wide", "other short", "mine mid", "other mid", "mine wide", "mine short"] as const;

/** A talk that is not here yet. */
export function TalkSkeleton() {
  return (
    <Loading className={css.talk}>
      {shapes.map((shape) => {
        const [side, width] = shape.split(" ") as [string, string];
        return (
          <div key={shape} className={cx(css.row, css[side])}>
            {side === "other" && <Skeleton shape="circle" className={css.face} />}
            <Skeleton className={cx(css.bubble, css[width])} />
          </div>
        );
      })}
      <Skeleton className={css.field} />
    </Loading>
  );
}
