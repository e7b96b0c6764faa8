import { useQuery, useQueryClient } from "@tanstack/react-query";
import { MapPin, Soup, Utensils } from "lucide-react";
import { useEffect, useRef } from "react";
import { Link, useSearchParams } from "react-router";
import { fromWire, toWire } from "../../../api/category";
import { useSession } from "../../../api/session";
import { Button, ButtonLink } from "../../../ui/Button";
import { CategoryIcon, categoryName } from "../../../ui/CategoryIcon";
import { Page } from "../../../ui/Page";
import { Loading, Skeleton } from "../../../ui/Skeleton";
import { Empty, Failed } from "../../../ui/Status";
import { common } from "../../../words/ko";
import { board as words, list, party } from "../../../words/party";
import { CategoryBar } from "./CategoryBar";
import { PartyCardSkeleton } from "./PartyCard";
import css from "./PartyList.module.css";
import { areaOf, cityOf } from "../place";
import { boardQuery } from "../queries";
import { Results } from "./Results";
import { type Place, search, states } from "./search";
import { whenIdle } from "../../../ui/idle";

/** As many as the server gives: the page is as high as it will be, so that scroll positions hold. */
const pageSize = 10;

const stateName = { all: words.all, open: party.open, done: party.done };

/** The board of my neighbourhood. Its filters are in the URL: ?category=&page=&state=. */
export function PartyList() {
  const { user } = useSession();
  const address = user?.address ?? "";
  const place = usePlace();
  const { category, page, state } = place;
  const cache = useQueryClient();
  const board = useQuery(boardQuery(address, category, page));
  const { data } = board;
  // Beyond the last page the server gives the last.
  const here = data?.paginator.current_page ?? page;
  const last = data?.paginator.page_range.at(-1) ?? 1;
  const posts = data?.posts.filter((post) => state === "all" || post.complete === (state === "done"));

  const settled = data !== undefined && !board.isPlaceholderData;
  useEffect(() => {
    if (!settled || here >= last) return;
    return whenIdle(() => void cache.prefetchQuery(boardQuery(address, category, here + 1)));
  }, [settled, here, last, address, category, cache]);

  const heading = useRef<HTMLHeadingElement>(null);
  const before = useRef(page);
  useEffect(() => {
    if (before.current === page) return;
    before.current = page;
    heading.current?.focus({ preventScroll: true });
  }, [page]);

  return (
    <Page
      title={words.title(areaOf(address))}
      heading={
        <span className={css.place}>
          <span className={css.city}>{cityOf(address)} </span>
          {/* Only the prerendered frame has no address. */}
          <span className={css.area}>{areaOf(address) || <Skeleton className={css.unknown} />}</span>
        </span>
      }
      width="wide"
      actions={
        <Link to="/me" className={css.move}>
          <MapPin size={18} aria-hidden="true" />
          {words.move}
        </Link>
      }
    >
      <CategoryBar current={category} to={(next) => search({ ...place, category: next, page: 1 })} />

      <section aria-labelledby="list" className={css.section}>
        <h2 id="list" ref={heading} tabIndex={-1} className="sr-only">
          {here > 1 ? words.listAt(here) : words.list}
        </h2>
        <nav aria-label={words.states} className={css.states}>
          {states.map((one) => (
            <Link key={one} replace to={search({ ...place, state: one })} className={css.state} aria-current={one === state ? "true" : undefined}>
              {stateName[one]}
            </Link>
          ))}
        </nav>

        <p role="status" className="sr-only">
          {settled && list.count(posts?.length ?? 0)}
        </p>

        {board.isRefetchError && data && (
          <div role="alert" className={css.stale}>
            {words.stale}
            <Button variant="plain" size="s" onClick={() => void board.refetch()}>
              {common.retry}
            </Button>
          </div>
        )}

        {data === undefined || posts === undefined ? (
          board.isError ? (
            <Failed error={board.error} onRetry={board.refetch} />
          ) : (
            <Loading>
              <ul className={css.cards}>
                {Array.from({ length: pageSize }, (_, i) => (
                  <PartyCardSkeleton key={i} />
                ))}
              </ul>
            </Loading>
          )
        ) : (
          <Results
            posts={posts}
            paginator={data.paginator}
            me={user?.id}
            to={(next) => search({ ...place, page: next })}
            onAim={(next) => void cache.prefetchQuery(boardQuery(address, category, next))}
            leaving={board.isPlaceholderData}
          >
            <Nothing place={{ ...place, page: here }} area={areaOf(address)} last={last} blank={data.posts.length === 0} />
          </Results>
        )}
      </section>
    </Page>
  );
}

/** Explains an empty list, and what to do about it. */
function Nothing({ place, area, last, blank }: { place: Place; area: string; last: number; blank: boolean }) {
  const { category, page, state } = place;
  if (!blank) {
    return (
      <Empty
        icon={<Utensils size={32} aria-hidden="true" />}
        title={words.noneHere(stateName[state], last)}
        action={
          <span className={css.ways}>
            {page < last && <ButtonLink to={search({ ...place, page: page + 1 })}>{words.nextPage}</ButtonLink>}
            <ButtonLink variant="soft" replace to={search({ ...place, state: "all" })}>
              {words.anyState}
            </ButtonLink>
          </span>
        }
      >
        {last > 1 ? words.noneHereText : undefined}
      </Empty>
    );
  }
  if (category) {
    return (
      <Empty
        icon={<CategoryIcon category={category} size="l" />}
        title={words.none(categoryName(category))}
        action={
          <span className={css.ways}>
            <ButtonLink to={`/posts/new?${new URLSearchParams({ category: toWire(category) })}`}>{words.writeIn(categoryName(category))}</ButtonLink>
            <ButtonLink variant="soft" to={search({ ...place, category: null, page: 1 })}>
              {words.showAll}
            </ButtonLink>
          </span>
        }
      >
        {words.noneText}
      </Empty>
    );
  }
  return (
    <Empty icon={<Soup size={32} aria-hidden="true" />} title={words.fresh(area)} action={<ButtonLink to="/posts/new" size="l">{words.first}</ButtonLink>}>
      {words.freshText}
    </Empty>
  );
}

/** The filters from the URL. Invalid ones are ignored. */
function usePlace(): Place {
  const [asked] = useSearchParams();
  const page = asked.get("page") ?? "";
  return {
    category: fromWire(asked.get("category")),
    page: /^[1-9]\d{0,8}$/.test(page) ? Number(page) : 1,
    state: states.find((state) => state === asked.get("state")) ?? "all",
  };
}
