import { NavLink } from "react-router";
import { useSession } from "../api/session";
import { Avatar } from "../ui/Avatar";
import { ButtonLink } from "../ui/Button";
import { cx } from "../ui/cx";
import { nav } from "../words/ko";
import { destinations, type Destination } from "./destinations";
import css from "./Navigation.module.css";

type Props = { of?: Destination[] };

/** The destinations as a phone has them, at the bottom. */
export function Tabs({ of = destinations }: Props) {
  return (
    <nav aria-label={nav.label} className={css.tabs}>
      {of.map(({ to, label, icon: Icon, look, Badge }) => (
        <NavLink key={to} to={to} className={cx(css.tab, look === "write" && css.write)}>
          <span className={css.icon}>
            <Icon size={look === "write" ? 22 : 24} aria-hidden="true" />
            {Badge && <Badge />}
          </span>
          {label}
        </NavLink>
      ))}
    </nav>
  );
}

/** In the header: the destinations that are plain links. */
export function Links({ of = destinations }: Props) {
  return (
    <nav aria-label={nav.label} className={css.links}>
      {of
        .filter(({ look }) => !look)
        .map(({ to, label, Badge }) => (
          <NavLink key={to} to={to} className={cx(css.link)}>
            {label}
            {Badge && <Badge />}
          </NavLink>
        ))}
    </nav>
  );
}

/** In the header: the destinations that look different, at its end. */
export function Ends({ of = destinations }: Props) {
  const { user } = useSession();
  return of.map(({ to, label, icon: Icon, look, Badge }) =>
    look === "write" ? (
      <ButtonLink key={to} to={to} size="s" className={cx(css.pen)} icon={<Icon size={18} aria-hidden="true" />}>
        {label}
      </ButtonLink>
    ) : look === "me" ? (
      <NavLink key={to} to={to} className={cx(css.me)} aria-label={label} title={label}>
        {user && <Avatar id={user.id} name={user.username} />}
        {Badge && <Badge />}
      </NavLink>
    ) : null,
  );
}
