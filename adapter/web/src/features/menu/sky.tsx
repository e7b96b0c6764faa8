import { Cloud, CloudDrizzle, CloudHail, CloudMoon, CloudRain, CloudRainWind, CloudSnow, CloudSun, Moon, Sun } from "lucide-react";
import { weather as words } from "../../words/menu";
import type { Hour, Weather } from "./queries";

type Seen = Pick<Hour | Weather, "sky" | "precipitation_type">;

const falling = {
  비: CloudRain,
  소나기: CloudRainWind,
  빗방울: CloudDrizzle,
  "비/눈": CloudHail,
  빗방울눈날림: CloudHail,
  눈: CloudSnow,
  눈날림: CloudSnow,
} as const;

/** What one sees when one looks out of the window: what falls, else the sky; "" if nobody knows. */
export function skyWord({ sky, precipitation_type }: Seen): string {
  const word = (precipitation_type !== "없음" && precipitation_type) || sky || "";
  return words.spaced[word] ?? word;
}

export function SkyIcon({ of: { sky, precipitation_type }, at, size }: { of: Seen; at: Date; size: number }) {
  const night = at.getHours() < 6 || at.getHours() >= 19;
  const Icon =
    precipitation_type && precipitation_type !== "없음" ? falling[precipitation_type] : sky === "흐림" ? Cloud : sky === "맑음" ? (night ? Moon : Sun) : night ? CloudMoon : CloudSun;
  return <Icon size={size} aria-hidden="true" />;
}

/** Its colour, as a class of Weather.module.css. */
export function toneOf({ sky, precipitation_type }: Seen): "wet" | "sunny" | "dull" {
  if (precipitation_type && precipitation_type !== "없음") return "wet";
  return sky === "맑음" ? "sunny" : "dull";
}

/** "21° 비", or what of it is known. */
export function inShort(seen: Seen & { temperature: number | null }): string {
  return [seen.temperature !== null && words.degrees(whole(seen.temperature)), skyWord(seen)].filter(Boolean).join(" ");
}

/** A whole number that is never -0. */
export const whole = (n: number) => Math.round(n) + 0;
