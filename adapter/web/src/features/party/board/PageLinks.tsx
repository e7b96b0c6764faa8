import { ChevronLeft, ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { Link, type To } from "react-router";
import type { Schemas } from "../../../api/client";
import { cx } from "../../../ui/cx";
import { useCentered } from "../../../ui/useCentered";
import { list as words } from "../../../words/party";
import css from "./PageLinks.module.css";

type Props = {
  paginator: Schemas["PostPage"]["paginator"];
  to: (page: number) => To;
  /** Somebody is about to go to that page. */
  onAim: (page: number) => void;
};

/** The pages that the server names, between its two jumps. A phone shows them in a row that is pushed sideways. */
export function PageLinks({ paginator: { page_range, current_page, prev_button, next_button }, to, onAim }: Props) {
  const row = useCentered<HTMLUListElement>(current_page);

  if (page_range.length < 2) return null;
  const aim = (page: number) => ({ onPointerEnter: () => onAim(page), onFocus: () => onAim(page) });
  const jump = (page: number | null, word: string, face: ReactNode) =>
    page === null ? (
      <span className={cx(css.jump, css.off)} aria-hidden="true">
        {face}
      </span>
    ) : (
      <Link to={to(page)} className={css.jump} aria-label={`${word} ${words.page(page)}`} {...aim(page)}>
        {face}
      </Link>
    );

  return (
    <nav aria-label={words.pages} className={css.pages}>
      {jump(prev_button, words.prev, <><ChevronLeft size={20} aria-hidden="true" /><span className={css.word}>{words.prev}</span></>)}
      <ul ref={row} className={css.row}>
        {page_range.map((page) => (
          <li key={page}>
            <Link to={to(page)} className={css.page} aria-label={words.page(page)} aria-current={page === current_page ? "page" : undefined} {...aim(page)}>
              {page}
            </Link>
          </li>
        ))}
      </ul>
      {jump(next_button, words.next, <><span className={css.word}>{words.next}</span><ChevronRight size={20} aria-hidden="true" /></>)}
    </nav>
  );
}
