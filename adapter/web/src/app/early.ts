// A small script of its own that runs before anything is painted, while the rest
// of the app is still on its way: see scripts/early.ts. On the board it also makes
// the first screen, of what prerender.tsx has put into the page; React goes on from
// there and finds what it would have made itself.

import { ask, type Early, knock } from "../api/early";
import { type Known, read as user, same, write } from "../api/kept";
import { areaOf, cityOf } from "../features/party/place";
import { initialOf, shadeOf } from "../ui/Avatar";
import { categoryName, picture } from "../ui/CategoryIcon";
import { opened, timeAgo, when } from "../ui/TimeAgo";
import { seats } from "../words/ko";
import { list as words } from "../words/party";
import { apply, read as theme } from "./ground";
import { remembered } from "./places";
import * as slots from "./slots";

type Page = NonNullable<Early["shown"]>;

/** How long the scripts of the app wait for the posts to be on the screen, in milliseconds: what is read goes first. */
const patience = 500;

const html = document.documentElement;

/** The scripts of the app, on a page that has its first screen without them. */
let scripts = document.currentScript?.dataset.app?.split(" ") ?? [];

function start() {
  for (const src of scripts) document.head.append(Object.assign(document.createElement("script"), { type: "module", crossOrigin: "", src }));
  scripts = [];
}

/** Shows somebody the board, and the app once there is something to read or to say instead. */
async function board(me: Known, early: Early, asked: Promise<Response | null>) {
  setTimeout(start, patience);
  // Links work by themselves; a button that is pressed too early is pressed once more by main.tsx.
  addEventListener("click", ({ target }) => {
    if ("board" in html.dataset) early.pressed = (target as Element).closest("button");
  });
  try {
    await parsed();
    const { id, username, address } = me;
    slots.fill(document.body, {
      [slots.city]: cityOf(address),
      [slots.area]: areaOf(address),
      [slots.initial]: initialOf(username),
      [slots.shade]: shadeOf(id),
    });
    html.dataset.board = String(id);
    const signed = await early.signed;
    if (signed && !same(me, signed)) {
      // Another name or neighbourhood than this browser knew of: for the app to show.
      write(signed);
      delete html.dataset.board;
    }
    const answer = await asked;
    const page = answer?.ok ? ((await answer.clone().json()) as Page) : null;
    // Unless the app was faster; why there is nothing is for the app to say.
    if (!page?.posts.length || !("board" in html.dataset)) return;
    const posts = results(page, id);
    const painted = paint();
    document.querySelector("section [aria-busy]")?.replaceWith(posts);
    document.querySelector("p[role=status]")?.append(words.count(page.posts.length));
    early.shown = page;
    const { key = "default" } = (history.state ?? {}) as { key?: string };
    const place = remembered()[key];
    if (place) scrollTo(0, place);
    await painted;
  } finally {
    start();
  }
}

/** A page of posts, of the examples that are in the page. */
function results({ posts, paginator: { page_range, next_button } }: Page, me: number): Node {
  const { content } = document.querySelector("template")!;
  const all = content.children[next_button ? 1 : 0]!.cloneNode(true) as Element;
  const [cards, pages] = all.children;
  const looks = [...cards!.children];
  cards!.replaceChildren(
    ...posts.map((post) => {
      const date = new Date(post.created_at);
      const card = slots.fill(looks[(post.is_compelete ? 2 : 0) + (post.writer.id === me ? 1 : 0)]!.cloneNode(true) as Element, {
        [slots.id]: String(post.id),
        [slots.title]: post.title,
        [slots.content]: post.content,
        [slots.category]: categoryName(post.category),
        [slots.picture]: picture[post.category],
        [slots.at]: post.created_at,
        [slots.when]: when(date),
        [slots.ago]: timeAgo(date, new Date(Math.max(opened(), date.getTime()))),
        [slots.seats]: seats.label(post.join_number, post.target_number),
        [slots.count]: seats.short(post.join_number, post.target_number),
        [slots.writer]: post.writer.username,
      });
      const people = card.querySelector("[role=img] > span")!;
      const [taken, free] = people.children;
      people.replaceChildren(...Array.from({ length: post.target_number }, (_, i) => (i < post.join_number ? taken : free)!.cloneNode(true)));
      return card;
    }),
  );
  const numbers = pages!.querySelector("ul")!;
  const [first, other] = numbers.children;
  numbers.replaceChildren(first!, ...page_range.slice(1).map((page) => slots.fill(other!.cloneNode(true), { [slots.page]: String(page) })));
  if (page_range.length > 1) slots.fill(pages!, { [slots.page]: String(next_button) });
  else pages!.remove();
  return all;
}

async function parsed() {
  if (document.readyState === "loading") await new Promise((done) => document.addEventListener("DOMContentLoaded", done));
}

/** Until what comes next is on the screen: a browser that tells when does so; another one needs about as long. */
function paint(): Promise<unknown> {
  const told = new Promise<void>((done) => {
    new PerformanceObserver((_, observer) => {
      observer.disconnect();
      done();
    }).observe({ type: "largest-contentful-paint" });
  });
  return Promise.race([told, new Promise((done) => setTimeout(done, 200))]);
}

apply(theme());

const { pathname, search } = location;
const known = user();
if (known && pathname === "/board" && !search) {
  const early = knock();
  const asked = ask("/api/post/", known, early);
  if (scripts.length) board(known, early, asked).catch(() => {}); // the app will say
  else asked.catch(() => {});
} else if (known || pathname !== "/") {
  // The first page is for strangers.
  if (known) html.dataset.known = "";
  if (scripts.length && pathname === "/" && !search) {
    location.replace("/board");
  } else {
    if (known) knock();
    start();
  }
} else {
  // The first screen goes first; its links work by themselves.
  const observer = new PerformanceObserver(() => {
    observer.disconnect();
    start();
  });
  observer.observe({ type: "paint", buffered: true });
}
