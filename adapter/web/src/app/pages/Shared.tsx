import { useParams } from "react-router";
import { SharedPost } from "../../features/party/shared/SharedPost";

export default function Shared() {
  const { code = "" } = useParams();
  return <SharedPost key={code} code={code} />;
}
