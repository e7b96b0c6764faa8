import { ChevronRight, RefreshCw, Soup, Sparkles } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { Link, useLocation, useNavigate } from "react-router";
import { toWire } from "../../../api/category";
import { Refused } from "../../../api/client";
import { signInPath } from "../../../api/session";
import { Button, ButtonLink } from "../../../ui/Button";
import { CategoryIcon, categoryName } from "../../../ui/CategoryIcon";
import { cx } from "../../../ui/cx";
import { opensElsewhere } from "../../../ui/opensElsewhere";
import { Sheet } from "../../../ui/Dialog";
import { FormError } from "../../../ui/Field";
import { Loading, Skeleton } from "../../../ui/Skeleton";
import { useDraft } from "../../../ui/useDraft";
import type { Overlay } from "../../../ui/useOverlay";
import { refusal } from "../../../words";
import { common } from "../../../words/ko";
import { chef as words } from "../../../words/menu";
import { AskField } from "./AskField";
import css from "./Chef.module.css";
import { inWords, lasts, remainingOf, useConversation, type Trouble, type Turn } from "./conversation";
import type { Menu } from "../queries";

const empty = { text: "" };

/** What to eat: five menus that suit the weather and the hour, for the asking. A question counts, so opening asks nothing: it shows what was said lately. */
export function Chef({ overlay }: { overlay: Overlay }) {
  const { open } = overlay;
  const { turns, pending, trouble, ask, stop, forget } = useConversation();
  const [{ text }, type] = useDraft("menus-ask", empty);
  const [opened, setOpened] = useState(() => ({ open, at: Date.now() }));
  if (opened.open !== open) setOpened(() => ({ open, at: Date.now() }));
  const [forgetting, setForgetting] = useState(false);
  const [unforgotten, setUnforgotten] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  // By the clock when it was opened, or answered since.
  const seen = Math.max(opened.at, turns.at(-1)?.at ?? 0);
  const fresh = lasts(turns, seen);
  const left = remainingOf(turns, seen);

  async function send(question: string) {
    type({ text: "" });
    // Whatever came of it, nothing that was typed is lost.
    if (!(await ask(question)) && !field.current?.value) type({ text: question });
  }

  async function clear() {
    setForgetting(true);
    setUnforgotten("");
    try {
      await forget();
      field.current?.focus();
    } catch (error) {
      setUnforgotten(refusal(error));
    }
    setForgetting(false);
  }

  return (
    <Sheet
      overlay={overlay}
      title={words.title}
      full
      foot={
        <>
          <FormError>{unforgotten}</FormError>
          {fresh && (
            <div className={css.ways}>
              <Button
                variant="soft"
                size="s"
                icon={<RefreshCw size={16} aria-hidden="true" />}
                disabled={left === 0}
                aria-disabled={pending ? true : undefined}
                onClick={() => void ask(null)}
              >
                {words.again}
              </Button>
              <Button variant="plain" size="s" loading={forgetting} aria-disabled={pending ? true : undefined} onClick={() => !pending && void clear()}>
                {words.forget}
              </Button>
            </div>
          )}
          <AskField ref={field} text={text} onType={(text) => type({ text })} onSend={(question) => void send(question)} busy={pending !== null} />
          <p className={css.left}>{left === 0 ? words.spent : left !== null && words.remaining(left)}</p>
        </>
      }
    >
      <Talk turns={fresh ? turns : []} pending={pending} trouble={trouble} left={left} onAsk={(question) => void (question === null ? ask(null) : send(question))} onStop={stop} onClose={overlay.close} />
    </Sheet>
  );
}

type TalkProps = {
  turns: readonly Turn[];
  pending: { ask: string | null } | null;
  trouble: Trouble | null;
  left: number | null;
  onAsk: (ask: string | null) => void;
  onStop: () => void;
  onClose: () => Promise<void>;
};

function Talk({ turns, pending, trouble, left, onAsk, onStop, onClose }: TalkProps) {
  const end = useRef<HTMLDivElement>(null);
  const newest = turns.at(-1);

  // One reads on at the beginning of what is new.
  useEffect(() => {
    const last = end.current?.previousElementSibling;
    if (last && last !== last.parentElement?.firstElementChild) last.scrollIntoView({ block: "start" });
  }, [turns.length, pending, trouble]);

  return (
    <div className={css.talk}>
      {turns.map((turn, i) => (
        <section key={turn.at} className={css.turn} aria-label={turn.ask ?? (i > 0 ? words.again : words.first)}>
          {(turn.ask !== null || i > 0) && <p className={css.asked}>{turn.ask ?? words.again}</p>}
          <div className={css.answer}>
            <p className={css.lead}>{i === 0 && turn.ask === null ? words.first : words.next}</p>
            <p className={css.source}>
              {turn.source === "openai" && <Sparkles size={14} aria-hidden="true" />}
              {[words.sources[turn.source], turn.weather && words.now(turn.weather)].filter(Boolean).join(" · ")}
            </p>
          </div>
          {turn === newest && !pending ? (
            <ul className={css.cards}>
              {turn.menus.map((menu) => (
                <Card key={menu.name} menu={menu} onClose={onClose} />
              ))}
            </ul>
          ) : (
            <ul className={css.names}>
              {turn.menus.map((menu) => (
                <li key={menu.name}>
                  <Recruit menu={menu} className={css.name} onClose={onClose}>
                    <CategoryIcon category={menu.category} size="s" />
                    {menu.name} <span className="sr-only">{words.recruit}</span>
                  </Recruit>
                </li>
              ))}
            </ul>
          )}
        </section>
      ))}
      {pending && <Waiting ask={pending.ask ?? (turns.length > 0 ? words.again : null)} onStop={onStop} />}
      {trouble && !pending && <Refusal trouble={trouble} onAsk={onAsk} />}
      {turns.length === 0 && !pending && !trouble && (
        <div className={css.start}>
          <span className={css.bowl}>
            <Soup size={32} aria-hidden="true" />
          </span>
          <p className={css.lead}>{words.intro}</p>
          <p className={css.hint}>{words.introText}</p>
          {left !== 0 && (
            <div className={css.examples}>
              <Button onClick={() => onAsk(null)}>{words.start}</Button>
              {words.examples.map((example) => (
                <Button key={example} variant="soft" onClick={() => onAsk(example)}>
                  {example}
                </Button>
              ))}
            </div>
          )}
        </div>
      )}
      <div ref={end} role="status" className="sr-only">
        {newest && !pending && words.recommended(newest.menus.map(({ name }) => name))}
      </div>
    </div>
  );
}

function Card({ menu, onClose }: { menu: Menu; onClose: () => Promise<void> }) {
  return (
    <li className={css.card}>
      <CategoryIcon category={menu.category} tile />
      <div className={css.about}>
        <p className={css.dish}>
          {menu.name} <span className={css.category}>{categoryName(menu.category)}</span>
        </p>
        <p className={css.reason}>{menu.reason}</p>
        <Recruit menu={menu} className={css.recruit} onClose={onClose}>
          <span className="sr-only">{menu.name}</span> {words.recruit}
          <ChevronRight size={16} aria-hidden="true" />
        </Recruit>
      </div>
    </li>
  );
}

/** Leads to a post that is begun with this menu. */
function Recruit({ menu: { name, category }, className, onClose, children }: { menu: Menu; className: string | undefined; onClose: () => Promise<void>; children: ReactNode }) {
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const to = `/posts/new?${new URLSearchParams({ category: toWire(category), title: words.post(name) })}`;
  return (
    <Link
      to={to}
      className={className}
      onClick={(event) => {
        if (opensElsewhere(event)) return;
        event.preventDefault();
        void onClose().then(() => navigate(to, { replace: pathname === "/posts/new" }));
      }}
    >
      {children}
    </Link>
  );
}

const slowAfter = [4000, 10_000];

function Waiting({ ask, onStop }: { ask: string | null; onStop: () => void }) {
  const [slow, setSlow] = useState(0);
  useEffect(() => {
    const timers = slowAfter.map((after, i) => window.setTimeout(() => setSlow(i + 1), after));
    return () => timers.forEach((timer) => window.clearTimeout(timer));
  }, []);
  return (
    <section className={css.turn} aria-label={words.waiting[0]}>
      {ask !== null && <p className={css.asked}>{ask}</p>}
      <div className={css.progress}>
        <p role="status" className={css.lead}>
          {words.waiting[slow]}
        </p>
        {slow > 0 && (
          <Button variant="soft" size="s" onClick={onStop}>
            {words.stop}
          </Button>
        )}
      </div>
      <Loading className={css.cards}>
        {Array.from({ length: 5 }, (_, i) => (
          <div key={i} className={css.card}>
            <Skeleton shape="tile" />
            <div className={css.about}>
              <Skeleton className={css.boneName} />
              <Skeleton />
              <Skeleton className={css.boneLink} />
            </div>
          </div>
        ))}
      </Loading>
    </section>
  );
}

/** Says what went wrong, and what can be done about it. */
function Refusal({ trouble: { ask, error, at }, onAsk }: { trouble: Trouble; onAsk: (ask: string | null) => void }) {
  const from = useLocation();
  const { status = 0, code = "internal", fields = {}, retryAfter = 0 } = error instanceof Refused ? error : {};
  const quota = code === "menu_quota";
  const signedOut = status === 401;
  return (
    <div role="alert" className={cx(css.trouble, quota && css.tomorrow)}>
      <p>{quota ? words.quota(inWords(retryAfter, at, words)) : status === 503 ? words.away : (fields["message"] ?? refusal(error))}</p>
      {signedOut ? (
        <ButtonLink variant="soft" size="s" to={signInPath(from)}>
          {words.signIn}
        </ButtonLink>
      ) : (
        !quota &&
        status !== 400 && (
          <Button variant="soft" size="s" onClick={() => onAsk(ask)}>
            {common.retry}
          </Button>
        )
      )}
    </div>
  );
}
