import { SearchX } from "lucide-react";
import { useSession } from "../../api/session";
import { ButtonLink } from "../../ui/Button";
import { pages } from "../../words/ko";
import { Notice } from "./Notice";

export function NotFound() {
  const { user } = useSession();
  return (
    <Notice
      icon={<SearchX size={34} aria-hidden="true" />}
      title={pages.lostTitle}
      text={pages.lostText}
      action={<ButtonLink to={user ? "/board" : "/"}>{user ? pages.toBoard : pages.toLanding}</ButtonLink>}
    />
  );
}
