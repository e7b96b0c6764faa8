import { Menu } from "@base-ui/react/menu";
import type { RefObject } from "react";
import { cx } from "./cx";
import type { MenuItem } from "./Menu";
import css from "./MenuOverlay.module.css";

type Props = {
  label: string;
  items: MenuItem[];
  open: boolean;
  onOpenChange: (open: boolean) => void;
  anchor: RefObject<HTMLButtonElement | null>;
};

export function MenuOverlay({ label, items, open, onOpenChange, anchor }: Props) {
  return (
    <Menu.Root
      open={open}
      onOpenChange={(next, details) => {
        // The button opens and closes by itself.
        if (!next && details.reason === "outside-press" && anchor.current?.contains(details.event.target as Node)) return;
        onOpenChange(next);
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
                onClick={item.onSelect}
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
