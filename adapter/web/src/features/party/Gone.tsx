import { SearchX } from "lucide-react";
import { ButtonLink } from "../../ui/Button";
import { Empty } from "../../ui/Status";
import { detail as words } from "../../words/post";

/** Stands in for a post that is not there (any more). */
export function Gone() {
  return (
    <Empty icon={<SearchX size={32} aria-hidden="true" />} title={words.gone} action={<ButtonLink to="/board">{words.toBoard}</ButtonLink>}>
      {words.goneText}
    </Empty>
  );
}
