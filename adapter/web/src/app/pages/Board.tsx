import { PartyList } from "../../features/party/board/PartyList";

export function Board() {
  return <PartyList />;
}
