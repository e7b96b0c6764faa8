import { useEffect, useEffectEvent, useState } from "react";
import { useSession } from "../../api/session";
import { wasAsked, writeAsked } from "../../api/storage";
import { PartyList } from "../../features/party/board/PartyList";
import { whenLoaded } from "../../ui/idle";
import { toast } from "../../ui/toast";
import { useOverlay } from "../../ui/useOverlay";
import { refused } from "../../words/ko";

const load = () => import("../../features/account/move/Move");
type Loaded = Awaited<ReturnType<typeof load>>;

/**
 * The board, and the sheet to move elsewhere, which loads when it is first opened. It comes up
 * by itself, once a visit, for people whose address is no neighbourhood.
 */
export function Board() {
  const { user } = useSession();
  const sheet = useOverlay();
  const [loaded, setLoaded] = useState<Loaded>();
  const close = useEffectEvent(sheet.close);
  const show = useEffectEvent(sheet.show);

  useEffect(() => {
    if (!sheet.open || loaded) return;
    load().then(setLoaded, () => {
      void close();
      toast(refused.offline, { tone: "bad" });
    });
  }, [sheet.open, loaded]);

  const unplaced = user?.address_official === false ? user.id : null;
  useEffect(() => {
    if (unplaced === null || wasAsked(unplaced)) return;
    return whenLoaded(() => {
      writeAsked(unplaced);
      show();
    });
  }, [unplaced]);

  return (
    <>
      <PartyList onMove={sheet.show} />
      {loaded && user && <loaded.Move overlay={sheet} user={user} />}
    </>
  );
}
