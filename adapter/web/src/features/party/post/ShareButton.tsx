import { Share } from "lucide-react";
import { useRef, useState } from "react";
import { areaOf } from "../../../api/address";
import type { PostDetail } from "../../../api/posts";
import { Button } from "../../../ui/Button";
import { Sheet } from "../../../ui/Dialog";
import { FieldFrame } from "../../../ui/Field";
import field from "../../../ui/Field.module.css";
import { IconButton } from "../../../ui/IconButton";
import { toast } from "../../../ui/toast";
import { useOverlay } from "../../../ui/useOverlay";
import { detail as words } from "../../../words/post";
import { share } from "./share";
import css from "./ShareButton.module.css";

/** Shares the link that anybody may open. Where neither another app nor the clipboard takes it, it is there to be copied. */
export function ShareButton({ post }: { post: PostDetail | undefined }) {
  const sheet = useOverlay();
  const link = useRef<HTMLInputElement>(null);
  const [failed, setFailed] = useState(false);
  const url = post ? location.origin + post.shared_path : "";

  async function run({ title, address }: PostDetail) {
    if (await share(url, title, words.shareText(areaOf(address)))) return;
    setFailed(false);
    sheet.show();
  }

  async function copy() {
    if (!copySelected(link.current)) {
      setFailed(true);
      return;
    }
    await sheet.close();
    toast(words.copied);
  }

  return (
    <>
      <IconButton label={words.share} icon={<Share size={22} aria-hidden="true" />} disabled={!post} onClick={() => post && void run(post)} />
      <Sheet overlay={sheet} title={words.shareTitle} focus={link}>
        <div className={css.link}>
          <FieldFrame label={words.shareLink} hint={words.shareHint} error={failed ? words.notCopied : undefined}>
            {(control) => <input {...control} ref={link} className={field.control} value={url} readOnly onFocus={(event) => event.currentTarget.select()} />}
          </FieldFrame>
          <Button size="l" wide onClick={() => void copy()}>
            {words.copy}
          </Button>
        </div>
      </Sheet>
    </>
  );
}

/** The way that also works where a page has no clipboard, such as over http. */
function copySelected(link: HTMLInputElement | null): boolean {
  link?.focus();
  link?.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  }
}
