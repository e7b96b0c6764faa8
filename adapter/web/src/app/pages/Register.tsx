import { Register } from "../../features/account/register/Register";
import { SocialButtons } from "../../features/account/SocialButtons";
import { account } from "../../words/account";
import { Front } from "./Front";

export default function RegisterPage() {
  return (
    <Front title={account.registerTitle} lead={account.registerLead} text={account.registerText}>
      <Register />
      <SocialButtons />
    </Front>
  );
}
