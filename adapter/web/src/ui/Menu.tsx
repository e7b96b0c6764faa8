import { EllipsisVertical } from "lucide-react";
import { lazy, Suspense, useRef, useState, type ReactNode } from "react";
import { IconButton } from "./IconButton";
import { useOverlay } from "./useOverlay";

const load = () => import("./MenuOverlay");
const MenuOverlay = lazy(() => load().then((m) => ({ default: m.MenuOverlay })));

export type MenuItem = {
  label: string;
  icon?: ReactNode;
  danger?: boolean;
  disabled?: boolean;
  /** Called once the menu is closed. */
  onSelect: () => void;
};

/** A button that opens a short list of actions. `label` says what they are about: "글 메뉴". */
export function Menu({ label, items, icon }: { label: string; items: MenuItem[]; icon?: ReactNode }) {
  const overlay = useOverlay();
  const [once, setOnce] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <IconButton
        ref={button}
        label={label}
        icon={icon ?? <EllipsisVertical size={22} aria-hidden="true" />}
        aria-haspopup="menu"
        aria-expanded={overlay.open}
        onPointerEnter={() => void load()}
        onClick={() => {
          setOnce(true);
          if (overlay.open) void overlay.close();
          else overlay.show();
        }}
      />
      {once && (
        <Suspense fallback={null}>
          <MenuOverlay label={label} items={items} overlay={overlay} anchor={button} />
        </Suspense>
      )}
    </>
  );
}
