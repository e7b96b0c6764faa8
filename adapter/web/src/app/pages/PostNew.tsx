import { Soup } from "lucide-react";
import { useOutletContext } from "react-router";
import { PartyForm } from "../../features/party/write/PartyForm";
import { Button } from "../../ui/Button";
import { form } from "../../words/post";
import type { AskMenus } from "../Panels";

export default function PostNew() {
  const askMenus = useOutletContext<AskMenus>();
  return (
    <PartyForm
      help={
        <Button variant="plain" size="s" icon={<Soup size={18} aria-hidden="true" />} aria-haspopup="dialog" onClick={askMenus}>
          {form.menus}
        </Button>
      }
    />
  );
}
