import { PartyForm } from "../../features/party/write/PartyForm";
import { useIdParam } from "../useIdParam";
import { NotFound } from "./NotFound";

export default function PostEdit() {
  const id = useIdParam();
  return id === null ? <NotFound /> : <PartyForm key={id} id={id} />;
}
