import { UtensilsCrossed } from "lucide-react";
import type { ReactNode } from "react";
import { Link, type To } from "react-router";
import { categories, type Category } from "../../../api/category";
import { CategoryIcon, categoryName } from "../../../ui/CategoryIcon";
import { useCentered } from "../../../ui/useCentered";
import { board as words } from "../../../words/party";
import css from "./CategoryBar.module.css";

/** All kinds of food as pictures and words; on a phone one row that is pushed sideways. */
export function CategoryBar({ current, to }: { current: Category | null; to: (category: Category | null) => To }) {
  const bar = useCentered<HTMLElement>(current);

  const link = (category: Category | null, picture: ReactNode, name: string) => (
    <Link key={name} to={to(category)} className={css.kind} aria-current={category === current ? "true" : undefined}>
      <span className={css.picture}>{picture}</span>
      <span>{name}</span>
    </Link>
  );

  return (
    <nav ref={bar} aria-label={words.categories} className={css.bar}>
      {link(null, <UtensilsCrossed size={24} aria-hidden="true" />, words.all)}
      {categories.map((category) => link(category, <CategoryIcon category={category} />, categoryName(category)))}
    </nav>
  );
}
