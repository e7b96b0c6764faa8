import { SignIns } from "../../features/account/devices/SignIns";
import { Page } from "../../ui/Page";
import { account } from "../../words/account";

export default function DevicesPage() {
  return (
    <Page title={account.devices.title} back="/me" width="narrow">
      <SignIns />
    </Page>
  );
}
