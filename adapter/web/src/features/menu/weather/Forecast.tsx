import { ChevronDown } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { cx } from "../../../ui/cx";
import { weather as words } from "../../../words/menu";
import css from "./Forecast.module.css";
import type { Hour } from "../queries";
import { skyWord, whole } from "../sky";

const height = 188;
const line = { top: 30, bottom: 84 }; // where the warmest and the coldest hour are
const bars = { top: 112, bottom: 160 }; // 100 % and none

const clock = (hour: Hour) => words.hour(new Date(hour.at).getHours());

/** The hours to come: a line for the temperature, bars for the rain, and the same as a table. */
export function Forecast({ hours }: { hours: readonly Hour[] }) {
  return (
    <section className={css.forecast} aria-labelledby="forecast">
      <div className={css.head}>
        <h3 id="forecast" className={css.title}>
          {words.ahead(hours.length)}
        </h3>
        <p className={css.legend} aria-hidden="true">
          <span className={css.warm}>{words.temperature}</span>
          <span className={css.wet}>{words.chance}</span>
        </p>
      </div>
      <Chart hours={hours} />
      <details className={css.details}>
        <summary>
          {words.table}
          <ChevronDown size={16} aria-hidden="true" />
        </summary>
        <Table hours={hours} />
      </details>
    </section>
  );
}

/** One unit of the drawing is one pixel, so that its letters are as large as all others. */
function Chart({ hours }: { hours: readonly Hour[] }) {
  const [width, setWidth] = useState(320);
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = frame.current;
    if (!box) return;
    const sizes = new ResizeObserver(() => setWidth(Math.max(box.clientWidth, 160)));
    sizes.observe(box);
    return () => sizes.disconnect();
  }, []);

  const step = width / hours.length;
  const x = (i: number) => (i + 0.5) * step;
  const label = (i: number) => Math.max(x(i), 18); // whole, also at the edge
  const known = hours.flatMap(({ temperature }) => temperature ?? []);
  const coldest = Math.min(...known);
  const span = Math.max(Math.max(...known) - coldest, 4); // a calm day does not look like a wild one
  const y = (temperature: number) => line.bottom - ((temperature - coldest) / span) * (line.bottom - line.top);
  const named = (i: number) => i % (step < 36 ? 3 : 2) === 0;
  const wettest = hours.indexOf(wettestOf(hours));
  return (
    <div ref={frame} className={css.frame}>
      <svg viewBox={`0 0 ${width} ${height}`} className={css.chart} role="img" aria-label={inWords(hours)}>
        <line x1={0} x2={width} y1={bars.bottom + 0.5} y2={bars.bottom + 0.5} className={css.ground} />
        {hours.map((hour, i) => {
          const chance = chanceOf(hour);
          const tall = Math.max((chance / 100) * (bars.bottom - bars.top), chance > 0 ? 3 : 0);
          const thick = Math.min(step * 0.56, 18);
          return (
            <g key={hour.at}>
              {tall > 0 && <rect x={x(i) - thick / 2} y={bars.bottom - tall} width={thick} height={tall} rx={Math.min(4, tall / 2)} className={css.bar} />}
              {chance >= 10 && (i === wettest || (named(i) && Math.abs(i - wettest) > 1)) && (
                <text x={label(i)} y={bars.bottom - tall - 5} className={css.percent}>
                  {words.percent(chance)}
                </text>
              )}
              {named(i) && (
                <>
                  {hour.temperature !== null && (
                    <text x={label(i)} y={y(hour.temperature) - 12} className={css.degrees}>
                      {words.degrees(whole(hour.temperature))}
                    </text>
                  )}
                  <text x={label(i)} y={height - 8} className={css.hour}>
                    {clock(hour)}
                  </text>
                </>
              )}
            </g>
          );
        })}
        <path d={path(hours.map(({ temperature }, i) => (temperature === null ? null : [x(i), y(temperature)])))} className={css.line} />
        {hours.map(({ at, temperature }, i) => temperature !== null && named(i) && <circle key={at} cx={x(i)} cy={y(temperature)} r={3.5} className={css.dot} />)}
      </svg>
    </div>
  );
}

function Table({ hours }: { hours: readonly Hour[] }) {
  return (
    <table className={css.table}>
      <thead>
        <tr>
          <th scope="col">{words.time}</th>
          <th scope="col">{words.sky}</th>
          <th scope="col">{words.temperature}</th>
          <th scope="col">{words.rainShort}</th>
          <th scope="col">{words.amount}</th>
        </tr>
      </thead>
      <tbody>
        {hours.map((hour) => (
          <tr key={hour.at}>
            <th scope="row">{clock(hour)}</th>
            <td>{skyWord(hour) || words.unknown}</td>
            <td>{hour.temperature === null ? words.unknown : words.degrees(whole(hour.temperature))}</td>
            <td>{hour.precipitation_probability === null ? words.unknown : words.percent(hour.precipitation_probability)}</td>
            <td className={cx(hour.precipitation ? css.falls : css.dry)}>{hour.precipitation ? hour.precipitation_text : words.unknown}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** How likely it rains, 0 to 100. Where only the rain itself is known, it is certain. */
function chanceOf({ precipitation_probability, precipitation }: Hour): number {
  return precipitation_probability ?? (precipitation ? 100 : 0);
}

const wettestOf = (hours: readonly Hour[]) => hours.reduce((most, hour) => (chanceOf(hour) > chanceOf(most) ? hour : most));

/** A soft line through what is known; where it is not, the line breaks off. */
function path(points: readonly ([x: number, y: number] | null)[]): string {
  return points
    .map((point, i) => {
      if (!point) return "";
      const before = points[i - 1];
      const [x, y] = point.map((n) => Math.round(n * 10) / 10) as [number, number];
      if (!before) return `M${x} ${y}`;
      const middle = Math.round((before[0] + point[0]) * 5) / 10;
      return `C${middle} ${Math.round(before[1] * 10) / 10} ${middle} ${y} ${x} ${y}`;
    })
    .join("");
}

function inWords(hours: readonly Hour[]): string {
  const known = hours.flatMap(({ temperature }) => (temperature === null ? [] : whole(temperature)));
  const wettest = wettestOf(hours);
  return [
    known.length > 0 && words.chart(Math.min(...known), Math.max(...known)),
    chanceOf(wettest) > 0 ? words.chartRain(clock(wettest), chanceOf(wettest)) : words.chartDry,
  ]
    .filter(Boolean)
    .join(" ");
}
