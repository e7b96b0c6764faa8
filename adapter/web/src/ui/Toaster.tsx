import { Toast } from "@base-ui/react/toast";
import { useEffect } from "react";
import { common } from "../words/ko";
import { cx } from "./cx";
import { takeToasts } from "./toast";
import css from "./Toaster.module.css";

const manager = Toast.createToastManager();

/** How long a toast with a button stays, in milliseconds. */
const toDecide = 8_000;

/** Shows the toasts. Loaded with the first one. */
export default function Toaster() {
  useEffect(
    () =>
      takeToasts(({ text, tone, action }) => {
        const run = () => {
          manager.close(id);
          action?.run();
        };
        const id = manager.add({
          title: text,
          type: tone,
          priority: tone === "bad" ? "high" : "low",
          ...(action && { timeout: toDecide, actionProps: { children: action.label, onClick: run } }),
        });
      }),
    [],
  );
  return (
    <Toast.Provider toastManager={manager} limit={2} timeout={4000}>
      <Toast.Portal>
        <Toast.Viewport className={css.place} aria-label={common.notices}>
          <Toasts />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function Toasts() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className={cx(css.toast, toast.type === "bad" && css.bad)} swipeDirection={["down", "right"]}>
      <Toast.Content className={css.content}>
        <Toast.Title className={css.text} render={<p />} />
        {toast.actionProps && <Toast.Action className={css.action} />}
      </Toast.Content>
    </Toast.Root>
  ));
}
