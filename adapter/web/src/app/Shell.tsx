import { Suspense } from "react";
import { Link, Outlet, useLocation } from "react-router";
import { cx } from "../ui/cx";
import { Logo } from "../ui/Logo";
import { PageSkeleton } from "../ui/Skeleton";
import { OfflineBar } from "../ui/Status";
import { useOverlay } from "../ui/useOverlay";
import { app, nav } from "../words/ko";
import { Ends, Links, Tabs } from "./Navigation";
import { Panels, type AskMenus } from "./Panels";
import css from "./Shell.module.css";

/** The frame around every signed-in screen. `bare` leaves out the navigation at the bottom, for screens with an own bottom edge. */
export function Shell({ bare }: { bare?: boolean }) {
  const onBoard = useLocation().pathname === "/board";
  const chef = useOverlay();
  return (
    <div className={cx(css.shell, bare && css.bare)}>
      <a href="#main" className="skip">
        {app.skip}
      </a>
      <OfflineBar />
      <header className={cx(css.top, onBoard && css.board)}>
        <div className={css.inner}>
          <Link to="/board" className={css.home} aria-label={nav.home}>
            <Logo />
          </Link>
          <Links />
          <Panels chef={chef} />
          <Ends />
        </div>
      </header>
      <main id="main" className={css.main}>
        <Suspense fallback={<PageSkeleton />}>
          <Outlet context={chef.show satisfies AskMenus} />
        </Suspense>
      </main>
      {!bare && <Tabs />}
    </div>
  );
}
