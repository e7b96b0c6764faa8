import { toWire, type Category } from "../api/category";
import css from "./CategoryIcon.module.css";
import { cx } from "./cx";
import pictures from "./food.svg?no-inline";

/** The name as it is shown: "족발·보쌈". */
export function categoryName(category: Category): string {
  return toWire(category).replaceAll(",", "·");
}

/** The picture of a category, from food.svg. It says nothing to a reader; put the name beside it. `tile` gives it a ground. */
export function CategoryIcon({ category, size = "m", tile, dim }: {
  category: Category;
  size?: "s" | "m" | "l" | undefined;
  tile?: boolean | undefined;
  dim?: boolean | undefined;
}) {
  return (
    <span className={cx(css.icon, css[size], tile && css.tile, dim && css.dim)} aria-hidden="true">
      <svg viewBox="0 0 48 48">
        <use href={`${pictures}#${category}`} />
      </svg>
    </span>
  );
}
