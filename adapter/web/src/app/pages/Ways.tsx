import { Ways } from "../../features/account/ways/Ways";
import { Page } from "../../ui/Page";
import { account } from "../../words/account";

export default function WaysPage() {
  return (
    <Page title={account.social.waysTitle} back="/me" width="narrow">
      <Ways />
    </Page>
  );
}
