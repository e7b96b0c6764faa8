import { PartyDetail } from "../../features/party/post/PartyDetail";
import { useIdParam } from "../useIdParam";
import { NotFound } from "./NotFound";

export default function Post() {
  const id = useIdParam();
  return id === null ? <NotFound /> : <PartyDetail key={id} id={id} />;
}
