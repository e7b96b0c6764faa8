import { ChevronLeft } from "lucide-react";
import { useEffect, useRef, type ReactNode } from "react";
import { Link, useLocation } from "react-router";
import { app, common } from "../words/ko";
import { cx } from "./cx";
import css from "./Page.module.css";
import { useBack } from "./useBack";

type Props = {
  /** The heading, and the title of the window. */
  title: string;
  /** Stands in for the words of the heading, such as a name with a picture. `false`: the page puts its own `Heading` further down. */
  heading?: ReactNode;
  /** Where the arrow leads if there is nothing to go back to. Without it there is no arrow. */
  back?: string | undefined;
  /** At the right of the heading: icon buttons, a menu. */
  actions?: ReactNode;
  /** narrow: forms (560 px). text: one column (720 px). wide: lists (1080 px). */
  width?: "narrow" | "text" | "wide" | undefined;
  /** The heading scrolls away on a phone, too: the page keeps something else at the top. */
  loose?: boolean | undefined;
  /** The page is as high as the screen and does not scroll by itself: its child does (a chat). */
  fill?: boolean | undefined;
  children: ReactNode;
};

/** The layout of every screen within the frame: heading, window title, focus after navigation, width. */
export function Page({ title, heading, back, actions, width = "text", loose, fill, children }: Props) {
  return (
    <div className={cx(css.page, css[width], loose && css.loose, fill && css.fill)}>
      <header className={css.bar}>
        {back !== undefined && <BackLink to={back} />}
        {heading === false ? (
          <div className={css.heading} />
        ) : (
          <Heading title={title} className={cx(css.heading, back === undefined && css.large)}>
            {heading ?? title}
          </Heading>
        )}
        {actions !== undefined && <div className={css.actions}>{actions}</div>}
      </header>
      <div className={css.body}>{children}</div>
    </div>
  );
}

/** The heading of a screen. Sets the window title, and takes the focus after a navigation. */
export function Heading({ title, children, className }: { title: string; children?: ReactNode; className?: string | undefined }) {
  const ref = useRef<HTMLHeadingElement>(null);
  const { pathname, key } = useLocation();

  useEffect(() => {
    document.title = title === app.name ? `${app.name} – ${app.tagline}` : app.title(title);
  }, [title]);

  const arrived = useRef("");
  useEffect(() => {
    if (arrived.current === pathname) return;
    arrived.current = pathname;
    // On the first page of a visit the focus stays where the browser puts it.
    if (key !== "default") ref.current?.focus({ preventScroll: true });
  }, [pathname, key]);

  return (
    <h1 ref={ref} tabIndex={-1} className={className}>
      {children ?? title}
    </h1>
  );
}

/** An arrow that goes back, or to `to` if this page was opened directly. */
export function BackLink({ to }: { to: string }) {
  const back = useBack();
  return (
    <Link to={to} className={css.back} aria-label={common.back} onClick={back}>
      <ChevronLeft size={26} aria-hidden="true" />
    </Link>
  );
}
