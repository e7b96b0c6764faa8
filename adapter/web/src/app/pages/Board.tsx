import { PartyList } from "../../features/party/PartyList";

export function Board() {
  return <PartyList />;
}
