import type { components } from "../api/schema";
import css from "./CategoryIcon.module.css";
import { cx } from "./cx";
import pictures from "./food.svg?no-inline";

export type Category = components["schemas"]["Category"];

/** The picture of each category in food.svg. */
export const picture: Record<Category, string> = {
  "족발,보쌈": "trotters",
  "찜,탕,찌개": "stew",
  "돈까스,회,일식": "japanese",
  피자: "pizza",
  고기구이: "grill",
  양식: "western",
  치킨: "chicken",
  중식: "chinese",
  아시안: "asian",
  "백반,죽,국수": "homestyle",
  도시락: "lunchbox",
  분식: "snack",
  "카페,디저트": "dessert",
  패스트푸드: "fastfood",
};

/** All fourteen, in the order of the menu. */
export const categories = Object.keys(picture) as Category[];

/** The name as it is shown: "족발·보쌈". */
export function categoryName(category: Category): string {
  return category.replaceAll(",", "·");
}

/** The picture of a category. It says nothing to a reader; put the name beside it. `tile` gives it a ground. */
export function CategoryIcon({ category, size = "m", tile, dim }: {
  category: Category;
  size?: "s" | "m" | "l" | undefined;
  tile?: boolean | undefined;
  dim?: boolean | undefined;
}) {
  return (
    <span className={cx(css.icon, css[size], tile && css.tile, dim && css.dim)} aria-hidden="true">
      <svg viewBox="0 0 48 48">
        <use href={`${pictures}#${picture[category]}`} />
      </svg>
    </span>
  );
}
