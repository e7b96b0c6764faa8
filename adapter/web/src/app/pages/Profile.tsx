import { useSession } from "../../api/session";
import { AccountLinks, Me, ProfileForm } from "../../features/account/profile/Profile";
import { Chips } from "../../ui/Chips";
import { Page } from "../../ui/Page";
import { account } from "../../words/account";
import { theme as words } from "../../words/ko";
import { useTheme } from "../theme";
import css from "./Me.module.css";

const themes = [
  { value: "auto", label: words.auto },
  { value: "light", label: words.light },
  { value: "dark", label: words.dark },
] as const;

export default function ProfilePage() {
  const { user } = useSession();
  const [theme, setTheme] = useTheme();
  if (!user) return null;
  return (
    <Page title={account.profileTitle} width="narrow">
      <div className={css.sections}>
        <Me user={user} />
        <ProfileForm user={user} />
        <section className={css.section}>
          <h2 className={css.title}>{words.label}</h2>
          <Chips label={words.label} name="theme" choices={themes} value={theme} onChange={setTheme} />
        </section>
        <section className={css.section}>
          <h2 className={css.title}>{account.settings}</h2>
          <AccountLinks />
        </section>
      </div>
    </Page>
  );
}
