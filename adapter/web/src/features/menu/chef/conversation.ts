import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useDraft } from "../../../ui/useDraft";
import { forget as forgetThere, spotQuery, suggest, type Menu, type Suggestion } from "../queries";
import { inShort } from "../sky";

/** One answer, and what was asked for: words, or null for whatever suits. */
export type Turn = {
  ask: string | null;
  menus: Menu[];
  source: Suggestion["source"];
  /** Such as "21° 비"; "" if it was not known. */
  weather: string;
  remaining: number;
  at: number;
};

const hour = 60 * 60_000;

/** The day in Korea, which has no summer time. */
const dayOf = (at: number) => Math.floor((at + 9 * hour) / (24 * hour));

/** Whether the server still knows of a conversation: it forgets after four quiet hours, and at four in the morning. */
export function lasts(turns: readonly Turn[], now: number): boolean {
  const last = turns.at(-1);
  return last !== undefined && now - last.at < 4 * hour && dayOf(now - 4 * hour) === dayOf(last.at - 4 * hour);
}

/** How many questions are left today; null if that is not known. */
export function remainingOf(turns: readonly Turn[], now: number): number | null {
  const last = turns.at(-1);
  return last && dayOf(last.at) === dayOf(now) ? last.remaining : null;
}

/** When to come back, from now on. */
export function inWords(seconds: number, now: Date, words: { minutes: (n: number) => string; clock: (day: "오늘" | "내일", hour: number, minute: number) => string; tomorrow: string }): string {
  if (seconds <= 0 || seconds > 24 * 3600) return words.tomorrow;
  if (seconds < 3600) return words.minutes(Math.ceil(seconds / 60));
  // A minute more or less is what an answer takes.
  const then = new Date(Math.round((now.getTime() + seconds * 1000) / 60_000) * 60_000);
  return words.clock(then.getDate() === now.getDate() ? "오늘" : "내일", then.getHours(), then.getMinutes());
}

export type Trouble = { ask: string | null; error: unknown; at: Date };

const nothing: { turns: Turn[] } = { turns: [] };

/** What is asked and answered. It survives a reload, and ends when one signs out. */
export function useConversation() {
  const [{ turns }, keep, clear] = useDraft("menu-talk", nothing);
  const [pending, setPending] = useState<{ ask: string | null } | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const asking = useRef<AbortController | null>(null);
  const cache = useQueryClient();

  /** Resolves to whether there was an answer. */
  async function ask(words: string | null): Promise<boolean> {
    if (asking.current) return false;
    const controller = (asking.current = new AbortController());
    setPending({ ask: words });
    setTrouble(null);
    try {
      const { menus, source, weather, remaining } = await suggest(words, cache.getQueryData(spotQuery.queryKey) ?? null, controller.signal);
      const turn: Turn = { ask: words, menus, source, weather: weather ? inShort(weather) : "", remaining, at: Date.now() };
      keep({ turns: [...(lasts(turns, turn.at) ? turns : []), turn] });
      return true;
    } catch (error) {
      if (!controller.signal.aborted) setTrouble({ ask: words, error, at: new Date() });
      return false;
    } finally {
      asking.current = null;
      setPending(null);
    }
  }

  async function forget() {
    await forgetThere();
    clear();
    setTrouble(null);
  }

  return { turns, pending, trouble, ask, stop: () => asking.current?.abort(), forget };
}
