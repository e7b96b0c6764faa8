import { seats } from "../words/ko";
import { cx } from "./cx";
import css from "./Seats.module.css";

/** The seats of a party drawn as people: filled ones are taken. Read out as "4명 중 2명 참여". */
export function Seats({ taken, of, size = "m", done, bare }: {
  taken: number;
  of: number;
  size?: "m" | "l" | undefined;
  /** Recruiting has ended: grey. */
  done?: boolean | undefined;
  /** The people alone, without the number. */
  bare?: boolean | undefined;
}) {
  return (
    <span className={cx(css.seats, css[size], done && css.done)} role="img" aria-label={seats.label(taken, of)}>
      <span className={css.people}>
        {Array.from({ length: of }, (_, i) => (
          <svg key={i} viewBox="0 0 20 22" className={i < taken ? css.taken : css.free} aria-hidden="true">
            <circle cx="10" cy="6" r="4.5" />
            <path d="M1.5 21c0-5 3.6-8 8.5-8s8.5 3 8.5 8z" />
          </svg>
        ))}
      </span>
      {!bare && <span className={css.count}>{seats.short(taken, of)}</span>}
    </span>
  );
}
