import { Menu } from "@base-ui/react/menu";
import type { RefObject } from "react";
import { cx } from "./cx";
import type { MenuItem } from "./Menu";
import css from "./MenuOverlay.module.css";
import type { Overlay } from "./useOverlay";

type Props = {
  label: string;
  items: MenuItem[];
  overlay: Overlay;
  anchor: RefObject<HTMLButtonElement | null>;
};

export function MenuOverlay({ label, items, overlay, anchor }: Props) {
  return (
    <Menu.Root
      open={overlay.open}
      onOpenChange={(open, details) => {
        // The button opens and closes it by itself.
        if (open || (details.reason === "outside-press" && anchor.current?.contains(details.event.target as Node))) return;
        void overlay.close();
      }}
    >
      <Menu.Portal>
        <Menu.Positioner anchor={anchor} sideOffset={6} align="end" className={css.place}>
          <Menu.Popup className={css.menu} aria-label={label} finalFocus={anchor}>
            {items.map((item) => (
              <Menu.Item
                key={item.label}
                className={cx(css.item, item.danger && css.danger)}
                disabled={item.disabled ?? false}
                onClick={() => void overlay.close().then(item.onSelect)}
              >
                {item.icon}
                {item.label}
              </Menu.Item>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
