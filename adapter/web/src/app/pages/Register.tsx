import { Register } from "../../features/account/register/Register";
import { ByEmail, HasAccount } from "../../features/account/register/Ways";
import { ProvidersFirst } from "../../features/account/SocialButtons";
import { account } from "../../words/account";
import { Front } from "./Front";

export default function RegisterPage() {
  return (
    <Front title={account.registerTitle} text={account.registerText}>
      <ProvidersFirst>{(any) => (any ? <ByEmail /> : <Register />)}</ProvidersFirst>
      <HasAccount />
    </Front>
  );
}
