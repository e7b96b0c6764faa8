import { House, PencilLine, UserRound } from "lucide-react";
import { Suspense } from "react";
import { Link, NavLink, Outlet, useLocation } from "react-router";
import { useSession } from "../api/session";
import { Avatar } from "../ui/Avatar";
import { ButtonLink } from "../ui/Button";
import { cx } from "../ui/cx";
import { Logo } from "../ui/Logo";
import { PageSkeleton } from "../ui/Skeleton";
import { OfflineBar } from "../ui/Status";
import { useOverlay } from "../ui/useOverlay";
import { app, nav } from "../words/ko";
import { Panels, type AskMenus } from "./Panels";
import css from "./Shell.module.css";

/** The frame around every signed-in screen. `bare` leaves out the navigation at the bottom, for screens with an own bottom edge. */
export function Shell({ bare }: { bare?: boolean }) {
  const { user } = useSession();
  const onBoard = useLocation().pathname === "/board";
  const chef = useOverlay();
  return (
    <div className={cx(css.shell, bare && css.bare)}>
      <a href="#main" className={css.skip}>
        {app.skip}
      </a>
      <OfflineBar />
      <header className={cx(css.top, onBoard && css.board)}>
        <div className={css.inner}>
          <Link to="/board" className={css.home} aria-label={nav.home}>
            <Logo />
          </Link>
          <nav aria-label={nav.label} className={css.links}>
            <NavLink to="/board" className={cx(css.link)}>
              {nav.board}
            </NavLink>
          </nav>
          <Panels chef={chef} />
          <ButtonLink to="/posts/new" size="s" className={cx(css.pen)} icon={<PencilLine size={18} aria-hidden="true" />}>
            {nav.write}
          </ButtonLink>
          <NavLink to="/me" className={cx(css.me)} aria-label={nav.me} title={nav.me}>
            {user && <Avatar id={user.id} name={user.username} />}
          </NavLink>
        </div>
      </header>
      <main id="main" className={css.main}>
        <Suspense fallback={<PageSkeleton />}>
          <Outlet context={chef.show satisfies AskMenus} />
        </Suspense>
      </main>
      {!bare && (
        <nav aria-label={nav.label} className={css.tabs}>
          <NavLink to="/board" className={cx(css.tab)}>
            <House size={24} aria-hidden="true" />
            {nav.board}
          </NavLink>
          <NavLink to="/posts/new" className={cx(css.tab, css.write)}>
            <span className={css.plus}>
              <PencilLine size={22} aria-hidden="true" />
            </span>
            {nav.write}
          </NavLink>
          <NavLink to="/me" className={cx(css.tab)}>
            <UserRound size={24} aria-hidden="true" />
            {nav.me}
          </NavLink>
        </nav>
      )}
    </div>
  );
}
