import { PartyList } from "../../features/party/PartyList";

export default function Board() {
  return <PartyList />;
}
