import { useSession } from "../../api/session";
import { ChangePassword } from "../../features/account/password/ChangePassword";
import { Page } from "../../ui/Page";
import { account } from "../../words/account";

export default function PasswordPage() {
  const { user } = useSession();
  return (
    <Page title={account.passwordTitle} back="/me" width="narrow">
      {user && <ChangePassword user={user} />}
    </Page>
  );
}
