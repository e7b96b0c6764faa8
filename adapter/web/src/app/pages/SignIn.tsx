import { SignIn } from "../../features/account/signin/SignIn";
import { SocialButtons } from "../../features/account/SocialButtons";
import { account } from "../../words/account";
import { Front } from "./Front";

export default function SignInPage() {
  return (
    <Front title={account.signInTitle} lead={account.signInLead} text={account.signInText}>
      <SignIn />
      <SocialButtons />
    </Front>
  );
}
