import { useSyncExternalStore } from "react";
import { ago } from "../words/ko";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** How long ago, as people say it. Beyond a week it is the date. */
export function timeAgo(at: Date, now: Date): string {
  const past = now.getTime() - at.getTime();
  if (past < minute) return ago.now;
  if (past < hour) return ago.minutes(Math.floor(past / minute));
  const midnight = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  const days = Math.round((midnight(now) - midnight(at)) / day);
  if (days === 0 || past < 12 * hour) return ago.hours(Math.floor(past / hour));
  if (days === 1) return ago.yesterday;
  if (days < 7) return ago.days(days);
  return date(at, now);
}

const date = (at: Date, now?: Date) => ago.date(at.getFullYear() === now?.getFullYear() ? null : at.getFullYear(), at.getMonth() + 1, at.getDate());

/** The same in full. Words of our own: a board shows ten, and making an Intl.DateTimeFormat takes 5 ms of its start. */
export function when(at: Date): string {
  return `${date(at)} ${ago.time(at.getHours(), at.getMinutes())}`;
}

// One clock for all of them.
const listeners = new Set<() => void>();
let timer = 0;
let now = Date.now();

function subscribe(listener: () => void) {
  listeners.add(listener);
  if (listeners.size === 1) {
    now = Date.now();
    timer = window.setInterval(() => {
      now = Date.now();
      listeners.forEach((listener) => listener());
    }, 30_000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.clearInterval(timer);
  };
}

export function TimeAgo({ at, className }: { /** As the API writes it. */ at: string; className?: string | undefined }) {
  const time = useSyncExternalStore(subscribe, () => now);
  const date = new Date(at);
  return (
    <time className={className} dateTime={at} title={when(date)}>
      {timeAgo(date, new Date(Math.max(time, date.getTime())))}
    </time>
  );
}
