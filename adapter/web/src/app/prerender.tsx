// Writes the first screens when the app is built: see scripts/finish.mjs.

import { type ReactNode, StrictMode } from "react";
import { prerender } from "react-dom/static";
import { StaticRouter } from "react-router";
import { drawFor } from "../api/session";
import { Results } from "../features/party/Results";
import { search, start } from "../features/party/search";
import { picture } from "../ui/CategoryIcon";
import { opened, timeAgo, when } from "../ui/TimeAgo";
import { seats } from "../words/ko";
import { App } from "./App";
import * as slots from "./slots";

/** The first page, as a stranger sees it. */
export const landing = () => write(<Whole path="/" />);

/** The board of somebody before the posts are here, and what early.ts makes the posts of. From here on somebody is signed in. */
export async function board(): Promise<{ frame: string; posts: string }> {
  drawFor({ id: 0, username: slots.initial, address: `${slots.city} ${slots.area}` });
  const frame = (await write(<Whole path="/board" />)).replace("Avatar-c0", `Avatar-c${slots.shade}`);
  if (!frame.includes(slots.shade)) throw new Error("the avatar has changed: see prerender.tsx");
  return { frame, posts: (await examples(false)) + (await examples(true)) };
}

/** A page of the board with a card of each look, and with pages beyond those it names or without. */
async function examples(more: boolean): Promise<string> {
  const far = 987_654;
  const early = { id: 123_456, created_at: "2001-02-03T04:05:06Z", category: "도시락" } as const;
  const date = new Date(early.created_at);
  const post = (done: boolean, by: number) => ({
    ...early,
    title: slots.title,
    content: slots.content,
    writer: { id: by, username: slots.writer, email: "" },
    address: "",
    chat_id: 0,
    is_compelete: done,
    join_number: 1,
    target_number: 2,
  });
  const posts = [post(false, 1), post(false, 0), post(true, 1), post(true, 0)].map((post, i) => ({ ...post, id: early.id + i }));
  const html = await write(
    <StaticRouter location="/board">
      <Results
        posts={posts}
        paginator={{ page_range: [1, far], current_page: 1, prev_button: null, next_button: more ? far : null }}
        me={0}
        to={(page) => search({ ...start, page })}
      />
    </StaticRouter>,
  );
  const places: [example: string, slot: string][] = [
    ...posts.map(({ id }): [string, string] => [String(id), slots.id]),
    [`#${picture[early.category]}`, `#${slots.picture}`],
    [early.category, slots.category],
    [early.created_at, slots.at],
    [when(date), slots.when],
    [timeAgo(date, new Date(opened())), slots.ago],
    [seats.label(1, 2), slots.seats],
    [seats.short(1, 2), slots.count],
    [String(far), slots.page],
  ];
  return places.reduce((html, [example, slot]) => {
    if (!html.includes(example)) throw new Error(`a card does not say ${example} any more: see prerender.tsx`);
    return html.replaceAll(example, slot);
  }, html);
}

function Whole({ path }: { path: string }) {
  return (
    <StrictMode>
      <App Router={({ children }) => <StaticRouter location={path}>{children}</StaticRouter>} />
    </StrictMode>
  );
}

async function write(screen: ReactNode): Promise<string> {
  const { prelude } = await prerender(screen, { progressiveChunkSize: Infinity });
  return new Response(prelude).text();
}
