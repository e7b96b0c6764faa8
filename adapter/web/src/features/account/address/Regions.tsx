import { Autocomplete } from "@base-ui/react/autocomplete";
import { ChevronRight, CloudOff, SearchX } from "lucide-react";
import { areaOf, cityOf } from "../../../api/address";
import { Button } from "../../../ui/Button";
import { Skeleton } from "../../../ui/Skeleton";
import { refusal } from "../../../words";
import { place as words } from "../../../words/account";
import { common } from "../../../words/ko";
import css from "./Regions.module.css";
import type { Region, Search } from "./useRegions";

/** What a search found, or why there is nothing to see. Stands within an `Autocomplete.Root` whose items are its regions. */
export function Regions({ search, onChoose }: { search: Search; onChoose: (region: Region) => void }) {
  return (
    <>
      <Autocomplete.Status className="sr-only">{status(search)}</Autocomplete.Status>
      {search.state === "loading" && (
        <div className={css.loading} aria-hidden="true">
          <Skeleton className={css.bone} />
          <Skeleton className={css.bone} />
          <Skeleton className={css.bone} />
        </div>
      )}
      {search.state === "none" && (
        <div className={css.nothing}>
          <SearchX size={24} aria-hidden="true" />
          <p className={css.title}>{words.none}</p>
          <p className={css.text}>{words.noneText}</p>
        </div>
      )}
      {search.state === "failed" && (
        <div className={css.nothing}>
          <CloudOff size={24} aria-hidden="true" />
          <p className={css.title}>{refusal(search.error)}</p>
          <Button variant="soft" size="s" onClick={search.retry}>
            {common.retry}
          </Button>
        </div>
      )}
      <Autocomplete.List className={css.list} aria-label={words.found}>
        {(region: Region) => (
          <Autocomplete.Item key={region.address} value={region} className={css.option} onClick={() => onChoose(region)}>
            <Name address={region.address} />
            {region.dong === null && <ChevronRight size={18} className={css.more} aria-hidden="true" />}
          </Autocomplete.Item>
        )}
      </Autocomplete.List>
    </>
  );
}

/** An address with what people call it first. */
export function Name({ address }: { address: string }) {
  const city = cityOf(address);
  return (
    <span className={css.name}>
      <span className={css.area}>{areaOf(address)}</span> {city && <span className={css.city}>{city}</span>}
    </span>
  );
}

function status({ state, settled, regions, error }: Search): string {
  switch (state) {
    case "loading":
      return words.searching;
    case "none":
      return words.nothing;
    case "failed":
      return refusal(error);
    case "found":
      return settled ? words.count(regions.length) : "";
    default:
      return "";
  }
}
