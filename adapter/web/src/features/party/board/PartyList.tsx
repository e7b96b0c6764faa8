import { useQuery } from "@tanstack/react-query";
import { ArrowUp, ChevronDown, Soup, Utensils } from "lucide-react";
import { useEffect, useRef } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { toWire } from "../../../api/category";
import { useSession } from "../../../api/session";
import { ButtonLink } from "../../../ui/Button";
import { CategoryIcon, categoryName } from "../../../ui/CategoryIcon";
import { cx } from "../../../ui/cx";
import { Page } from "../../../ui/Page";
import { Loading, Skeleton } from "../../../ui/Skeleton";
import { Empty, Failed, Stale } from "../../../ui/Status";
import { board as words, list } from "../../../words/party";
import { CategoryBar } from "./CategoryBar";
import { PartyCardSkeleton } from "./PartyCard";
import css from "./PartyList.module.css";
import { areaOf, cityOf } from "../../../api/address";
import { pageQuery, states } from "../queries";
import { More } from "./More";
import { PageLinks } from "./PageLinks";
import { Results } from "./Results";
import { parsePlace, type Place, search } from "./search";
import { useBoard } from "./useBoard";
import { whenIdle } from "../../../ui/idle";
import { narrow, useMedia } from "../../../ui/useMedia";

/** As many as the server gives: the page is as high as it will be, so that scroll positions hold. */
const pageSize = 10;

/** The board of my neighbourhood. Its filters are in the URL: ?category=&page=&state=. `onMove`: the name of the neighbourhood was pressed. */
export function PartyList({ onMove }: { onMove: () => void }) {
  const { user } = useSession();
  const address = user?.address ?? "";
  const navigate = useNavigate();
  const [asked] = useSearchParams();
  const place = parsePlace(asked);
  const { category, page, state } = place;
  const phone = useMedia(narrow);
  const { first: board, posts, news, show, more, loading, error, grow, aim } = useBoard(address, category, state, page);
  const { data } = board;
  // Beyond the last page the server gives the last.
  const here = data?.paginator.current_page ?? page;
  const last = data?.paginator.page_range.at(-1) ?? 1;

  const settled = data !== undefined && !board.isPlaceholderData;
  const ahead = useRef(aim);
  useEffect(() => {
    ahead.current = aim;
  });
  useEffect(() => {
    if (!settled || here >= last) return;
    return whenIdle(() => ahead.current(here + 1));
  }, [settled, here, last, address, category, state]);

  const heading = useRef<HTMLHeadingElement>(null);
  const before = useRef(page);
  useEffect(() => {
    if (before.current === page) return;
    before.current = page;
    heading.current?.focus({ preventScroll: true });
  }, [page]);

  function showNews() {
    show();
    if (page > 1) return void navigate(search({ ...place, page: 1 }));
    scrollTo({ top: 0, behavior: "instant" });
    heading.current?.focus({ preventScroll: true });
  }

  return (
    <Page
      title={areaOf(address)}
      heading={
        <button type="button" className={css.place} aria-haspopup="dialog" onClick={onMove}>
          <span className={css.city}>{cityOf(address)} </span>
          {/* Only the prerendered frame has no address. */}
          <span className={css.area}>
            {areaOf(address) || <Skeleton className={css.unknown} />}
            <ChevronDown className={css.arrow} size={20} aria-hidden="true" />
          </span>
          <span className="sr-only"> {words.move}</span>
        </button>
      }
      width="wide"
      loose
    >
      <div className={css.filters}>
        <a
          href="#list"
          className={cx("skip", css.skip)}
          onClick={(event) => {
            event.preventDefault();
            heading.current?.focus();
          }}
        >
          {words.skip}
        </a>
        <CategoryBar current={category} to={(next) => search({ ...place, category: next, page: 1 })} />
        <nav aria-label={words.states} className={css.states}>
          {states.map((one) => (
            <Link key={one} to={search({ ...place, state: one, page: 1 })} className={css.state} aria-current={one === state ? "true" : undefined}>
              {words.stateNames[one]}
            </Link>
          ))}
        </nav>
        <div role="status" className={css.news}>
          {news > 0 && (
            <button type="button" className={css.pill} onClick={showNews}>
              {list.news(news, pageSize)}
              <ArrowUp size={18} aria-hidden="true" />
            </button>
          )}
        </div>
      </div>

      <section aria-labelledby="list">
        <h2 id="list" ref={heading} tabIndex={-1} className="sr-only">
          {here > 1 ? words.listAt(here) : words.list}
        </h2>
        <p role="status" className="sr-only">
          {settled && list.count(posts?.length ?? 0)}
        </p>

        {board.isRefetchError && data && <Stale why={words.stale} at={board.dataUpdatedAt} onRetry={board.refetch} />}

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
          <Results posts={posts} me={user?.id} leaving={board.isPlaceholderData} nothing={<Nothing place={place} address={address} />}>
            {phone ? (
              <More more={more} onMore={grow} loading={loading} error={error} count={posts.length} />
            ) : (
              <PageLinks paginator={data.paginator} to={(next) => search({ ...place, page: next })} onAim={aim} />
            )}
          </Results>
        )}
      </section>
    </Page>
  );
}

/** Explains an empty list, and what to do about it. */
function Nothing({ place, address }: { place: Place; address: string }) {
  const { category, state } = place;
  // Whether there is anything in another state.
  const others = useQuery({ ...pageQuery(address, category, "all", 1), enabled: state !== "all" });
  if (state !== "all" && others.isPending) return <Loading className={css.waiting}>{null}</Loading>;
  if (state !== "all" && others.data && others.data.posts.length > 0) {
    return (
      <Empty
        icon={<Utensils size={32} aria-hidden="true" />}
        title={words.noneOf[state]}
        action={
          <span className={css.ways}>
            {state === "recruiting" && <ButtonLink to={category ? `/posts/new?${new URLSearchParams({ category: toWire(category) })}` : "/posts/new"}>{category ? words.writeIn(categoryName(category)) : words.write}</ButtonLink>}
            <ButtonLink variant="soft" to={search({ ...place, state: "all", page: 1 })}>
              {words.anyState}
            </ButtonLink>
          </span>
        }
      />
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
    <Empty icon={<Soup size={32} aria-hidden="true" />} title={words.fresh(areaOf(address))} action={<ButtonLink to="/posts/new" size="l">{words.first}</ButtonLink>}>
      {words.freshText}
    </Empty>
  );
}
