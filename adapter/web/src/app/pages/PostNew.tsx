import { PartyForm } from "../../features/party/PartyForm";

export default function PostNew() {
  return <PartyForm />;
}
