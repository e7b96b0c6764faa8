import { AlertDialog } from "@base-ui/react/alert-dialog";
import { Dialog } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { useRef, useState } from "react";
import { refusal } from "../words";
import { common } from "../words/ko";
import { Button } from "./Button";
import { cx } from "./cx";
import type { ConfirmProps, SheetProps } from "./Dialog";
import { FormError } from "./Field";
import button from "./IconButton.module.css";
import css from "./Overlay.module.css";

export function ConfirmOverlay({ overlay, title, children, confirm, danger, onConfirm, onDone }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const cancel = useRef<HTMLButtonElement>(null);

  function change(open: boolean) {
    if (open || busy) return;
    setError("");
    void overlay.close();
  }

  async function run() {
    setBusy(true);
    setError("");
    try {
      await onConfirm();
      await overlay.close();
      onDone?.();
    } catch (e) {
      setError(refusal(e));
    } finally {
      setBusy(false);
    }
  }

  return (
    <AlertDialog.Root open={overlay.open} onOpenChange={change}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={css.scrim} />
        <AlertDialog.Popup className={css.confirm} initialFocus={cancel}>
          <AlertDialog.Title className={css.question}>{title}</AlertDialog.Title>
          {children !== undefined && <AlertDialog.Description render={<div />} className={css.text}>{children}</AlertDialog.Description>}
          <FormError>{error}</FormError>
          <div className={css.actions}>
            <AlertDialog.Close ref={cancel} render={<Button variant="soft" size="l" wide />}>
              {common.cancel}
            </AlertDialog.Close>
            <Button variant={danger ? "danger" : "primary"} size="l" wide loading={busy} onClick={() => void run()}>
              {confirm}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

export function SheetOverlay({ overlay, title, children, foot, full, focus }: SheetProps) {
  const popup = useRef<HTMLDivElement>(null);
  // Where fingers type, a field would bring up the keyboard over half of what there is to see.
  const first = focus && (() => (matchMedia("(hover: hover)").matches || focus.current?.matches(":read-only") ? focus.current : popup.current));
  return (
    <Dialog.Root open={overlay.open} onOpenChange={(open) => !open && void overlay.close()}>
      <Dialog.Portal>
        <Dialog.Backdrop className={css.scrim} />
        <Dialog.Popup ref={popup} className={cx(css.sheet, full && css.full)} initialFocus={first}>
          <div className={css.head}>
            <Dialog.Title className={css.title}>{title}</Dialog.Title>
            <Dialog.Close className={button.button} aria-label={common.close}>
              <X size={22} aria-hidden="true" />
            </Dialog.Close>
          </div>
          <div className={cx(css.body, foot !== undefined && css.above)}>{children}</div>
          {foot !== undefined && <div className={css.foot}>{foot}</div>}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
