import { useSession } from "../../api/session";
import { Withdraw } from "../../features/account/withdraw/Withdraw";
import { Page } from "../../ui/Page";
import { account } from "../../words/account";

export default function WithdrawPage() {
  const { user } = useSession();
  return (
    <Page title={account.withdrawTitle} back="/me" width="narrow">
      {user && <Withdraw user={user} />}
    </Page>
  );
}
