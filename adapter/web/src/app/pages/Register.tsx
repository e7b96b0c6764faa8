import { Register } from "../../features/account/Register";
import { account } from "../../words/account";
import { Front } from "./Front";

export default function RegisterPage() {
  return (
    <Front title={account.registerTitle} lead={account.registerLead} text={account.registerText}>
      <Register />
    </Front>
  );
}
