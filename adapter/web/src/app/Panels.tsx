import { Soup } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "../ui/Button";
import { Skeleton } from "../ui/Skeleton";
import { toast } from "../ui/toast";
import { whenQuiet } from "../ui/whenQuiet";
import { nav, refused } from "../words/ko";
import css from "./Panels.module.css";

const load = () => import("../features/menu/panels");
type Loaded = Awaited<ReturnType<typeof load>>;

/** Opens the menu assistant; the pages within the frame have it as their context. */
export type AskMenus = (open: boolean) => void;

/**
 * The weather and the menu assistant. They come once the page is quiet or one of
 * them is wanted; a place is kept for the weather until then. What cannot be loaded
 * takes nothing else with it, and can be tried again.
 */
export function Panels({ asking, onAsking }: { asking: boolean; onAsking: AskMenus }) {
  const [panels, setPanels] = useState<Loaded>();

  useEffect(() => whenQuiet(() => void load().then(setPanels, () => {})), []);
  useEffect(() => {
    if (!asking || panels) return;
    load().then(setPanels, () => {
      onAsking(false);
      toast(refused.offline, { tone: "bad" });
    });
  }, [asking, panels, onAsking]);

  return (
    <div className={css.panels}>
      {panels ? <panels.Weather onMenus={() => onAsking(true)} /> : <Skeleton className={css.weather} />}
      <Button variant="soft" size="s" icon={<Soup size={18} aria-hidden="true" />} loading={asking && !panels} className={css.ask} aria-haspopup="dialog" onClick={() => onAsking(true)}>
        {nav.menus}
      </Button>
      {panels && <panels.Chef open={asking} onOpenChange={onAsking} />}
    </div>
  );
}
