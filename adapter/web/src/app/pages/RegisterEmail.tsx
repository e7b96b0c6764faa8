import { Register } from "../../features/account/register/Register";
import { HasAccount, OtherWays } from "../../features/account/register/Ways";
import { account } from "../../words/account";
import { Front } from "./Front";

/** Opened by who takes no provider. An address of its own: Back leads to the providers. */
export default function RegisterEmailPage() {
  return (
    <Front title={account.byEmail} text={account.registerText}>
      <Register />
      <OtherWays />
      <HasAccount />
    </Front>
  );
}
