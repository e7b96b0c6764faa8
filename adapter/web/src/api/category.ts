import type { Schemas } from "./client";

/** What each kind of food is called on the wire, and in the addresses of pages. In the order of the menu. */
const names = {
  trotters: "족발,보쌈",
  stew: "찜,탕,찌개",
  japanese: "돈까스,회,일식",
  pizza: "피자",
  grill: "고기구이",
  western: "양식",
  chicken: "치킨",
  chinese: "중식",
  asian: "아시안",
  homestyle: "백반,죽,국수",
  lunchbox: "도시락",
  snack: "분식",
  dessert: "카페,디저트",
  fastfood: "패스트푸드",
} as const satisfies Record<string, Schemas["Category"]>;

export type Category = keyof typeof names;

export const categories = Object.keys(names) as Category[];

export function toWire(category: Category): Schemas["Category"] {
  return names[category];
}

/** Null if there is none of that name. */
export function fromWire(name: string | null): Category | null {
  return categories.find((category) => names[category] === name) ?? null;
}

/** Gives what the server sent with our name for its category. */
export function withCategory<T extends { category: Schemas["Category"] }>(sent: T): Omit<T, "category"> & { category: Category } {
  return { ...sent, category: fromWire(sent.category)! };
}
