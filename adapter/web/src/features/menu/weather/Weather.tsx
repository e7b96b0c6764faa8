import { useQuery, useQueryClient } from "@tanstack/react-query";
import { CloudSun, History, LocateFixed, MapPin, Soup } from "lucide-react";
import { useState } from "react";
import { Refused } from "../../../api/client";
import { useSession } from "../../../api/session";
import { Button } from "../../../ui/Button";
import { Sheet } from "../../../ui/Dialog";
import { FormError } from "../../../ui/Field";
import { Loading, Skeleton } from "../../../ui/Skeleton";
import { Empty, Failed } from "../../../ui/Status";
import { timeAgo } from "../../../ui/TimeAgo";
import { useOverlay } from "../../../ui/useOverlay";
import { weather as words } from "../../../words/menu";
import { Forecast } from "./Forecast";
import { spotQuery, weatherQuery, type Weather as Now } from "../queries";
import { inShort, SkyIcon, skyWord, toneOf, whole } from "../sky";
import { canLocate, locate, Nowhere } from "../spot";
import css from "./Weather.module.css";

/** The weather in a few letters; pressed it says more. `onMenus`: one wants to know what to eat in it. */
export function Weather({ onMenus }: { onMenus: () => void }) {
  const overlay = useOverlay();
  const address = useSession().user?.address ?? "";
  const spot = useQuery(spotQuery);
  const weather = useQuery({ ...weatherQuery(address, spot.data ?? null), enabled: spot.data !== undefined });
  const now = weather.data;
  const placeless = !now && weather.error instanceof Refused && weather.error.status === 400;
  return (
    <>
      <button type="button" className={css.chip} aria-haspopup="dialog" onClick={overlay.show} title={words.title}>
        {now ? (
          <>
            <span className={css[toneOf(now)]}>
              <SkyIcon of={now} at={new Date()} size={20} />
            </span>
            <span>
              <span className="sr-only">{words.title}</span> {inShort(now) || words.title}
            </span>
          </>
        ) : (
          <>
            <CloudSun size={20} aria-hidden="true" className={css.faint} />
            {weather.isLoading ? (
              <>
                <span className="sr-only">{words.title}</span>
                <Skeleton className={css.bone} />
              </>
            ) : (
              words.title
            )}
          </>
        )}
      </button>
      <Sheet
        overlay={overlay}
        title={words.title}
        foot={
          <Button
            variant={now ? "primary" : "soft"}
            size="l"
            wide
            icon={<Soup size={20} aria-hidden="true" />}
            onClick={() => void overlay.close().then(onMenus)}
          >
            {now ? words.menus : words.menusAnyway}
          </Button>
        }
      >
        {(now || placeless) && <Place name={now?.place} />}
        {now ? (
          <Today now={now} />
        ) : now === null ? (
          <Empty icon={<CloudSun size={32} aria-hidden="true" />} title={words.none}>
            {words.noneText}
          </Empty>
        ) : weather.isError ? (
          placeless ? (
            <Empty icon={<MapPin size={32} aria-hidden="true" />} title={words.unknownPlace} />
          ) : (
            <Failed error={weather.error} onRetry={weather.refetch} />
          )
        ) : (
          <Loading className={css.loading}>
            <Skeleton shape="title" />
            <Skeleton />
            <Skeleton shape="block" />
          </Loading>
        )}
      </Sheet>
    </>
  );
}

/** Whose weather it is, and the way to that of the other place: here, or one's neighbourhood. */
function Place({ name }: { name: string | undefined }) {
  const cache = useQueryClient();
  const here = Boolean(useQuery(spotQuery).data);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");

  async function change() {
    setTrouble("");
    if (here) {
      cache.setQueryData(spotQuery.queryKey, null);
      return;
    }
    setBusy(true);
    try {
      cache.setQueryData(spotQuery.queryKey, await locate());
    } catch (error) {
      setTrouble(words[error instanceof Nowhere ? error.why : "lost"]);
    }
    setBusy(false);
  }

  return (
    <>
      <div className={css.place}>
        <p className={css.name}>{name ?? (here ? words.here : "")}</p>
        {(here || canLocate()) && (
          <Button variant="plain" size="s" loading={busy} icon={here ? <MapPin size={16} aria-hidden="true" /> : <LocateFixed size={16} aria-hidden="true" />} onClick={() => void change()}>
            {here ? words.useHome : words.useHere}
          </Button>
        )}
      </div>
      <FormError>{trouble}</FormError>
    </>
  );
}

function Today({ now }: { now: Now }) {
  const { temperature, humidity, wind_speed, precipitation, precipitation_text, stale, stale_since, hours } = now;
  const facts = [
    [words.humidity, humidity !== null && words.percent(humidity)],
    [words.wind, wind_speed !== null && words.speed(wind_speed)],
    [words.rain, Boolean(precipitation) && precipitation_text],
  ].filter((fact): fact is [string, string] => Boolean(fact[1]));
  return (
    <>
      <div className={css.now}>
        <span className={css[toneOf(now)]}>
          <SkyIcon of={now} at={new Date()} size={56} />
        </span>
        {temperature !== null && <span className={css.degrees}>{words.degrees(whole(temperature))}</span>}
        <span className={css.word}>{skyWord(now)}</span>
      </div>
      {stale && stale_since && (
        <p className={css.stale}>
          <History size={16} aria-hidden="true" />
          {words.stale(timeAgo(new Date(stale_since), new Date()))}
        </p>
      )}
      <dl className={css.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {hours.length > 1 && <Forecast hours={hours} />}
      <p className={css.source}>{words.source(new Date(now.forecast_at).toLocaleTimeString("ko-KR", { hour: "numeric", minute: "2-digit" }))}</p>
    </>
  );
}
