import { SignIn, SignInNote } from "../../features/account/signin/SignIn";
import { Or, ProvidersFirst } from "../../features/account/SocialButtons";
import { account } from "../../words/account";
import { Front } from "./Front";

export default function SignInPage() {
  return (
    <Front title={account.signInTitle} text={account.signInText}>
      <SignInNote />
      <ProvidersFirst>
        {(any) => (
          <>
            {any && <Or>{account.orSignIn}</Or>}
            <SignIn />
          </>
        )}
      </ProvidersFirst>
    </Front>
  );
}
