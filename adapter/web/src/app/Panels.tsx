import { Soup } from "lucide-react";
import { useEffect, useEffectEvent, useState } from "react";
import { Button } from "../ui/Button";
import { Skeleton } from "../ui/Skeleton";
import { toast } from "../ui/toast";
import type { Overlay } from "../ui/useOverlay";
import { whenLoaded } from "../ui/idle";
import { nav, refused } from "../words/ko";
import css from "./Panels.module.css";

const load = () => import("../features/menu/panels");
type Loaded = Awaited<ReturnType<typeof load>>;

/** Opens the menu assistant; the pages within the frame have it as their context. */
export type AskMenus = () => void;

/**
 * The weather and the menu assistant. They load once the page is idle, or when one of
 * them is opened; a skeleton stands in for the weather until then. If loading fails,
 * the page goes on without, and opening tries again.
 */
export function Panels({ chef }: { chef: Overlay }) {
  const [panels, setPanels] = useState<Loaded>();
  const close = useEffectEvent(chef.close);

  useEffect(() => whenLoaded(() => void load().then(setPanels, () => {})), []);
  useEffect(() => {
    if (!chef.open || panels) return;
    load().then(setPanels, () => {
      void close();
      toast(refused.offline, { tone: "bad" });
    });
  }, [chef.open, panels]);

  return (
    <div className={css.panels}>
      {panels ? <panels.Weather onMenus={chef.show} /> : <Skeleton className={css.weather} />}
      <Button variant="soft" size="s" icon={<Soup size={18} aria-hidden="true" />} loading={chef.open && !panels} className={css.ask} aria-haspopup="dialog" onClick={chef.show}>
        {nav.menus}
      </Button>
      {panels && <panels.Chef overlay={chef} />}
    </div>
  );
}
