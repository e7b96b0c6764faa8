import { Talk } from "../../features/talk/Talk";
import { useIdParam } from "../useIdParam";
import { NotFound } from "./NotFound";

export default function Room() {
  const id = useIdParam();
  return id === null ? <NotFound /> : <Talk key={id} id={id} />;
}
