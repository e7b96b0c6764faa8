import type { Schemas } from "../../api/client";
import type { Hour, Weather } from "./queries";

type Suggestion = Schemas["Suggestion"];

const hour = 60 * 60_000;

/** The next full hours, with a shower in the evening. */
function hours(from: number): Hour[] {
  const temperatures = [22, 22, 21, 20, 19, 18, 18, 17, 17, 16, 17, 18];
  const chances = [0, 20, 30, 60, 70, 80, 60, 30, 20, 10, 0, 0];
  return temperatures.map((temperature, i) => {
    const chance = chances[i]!;
    const rains = chance >= 60;
    return {
      at: micro(from + (i + 1) * hour),
      temperature,
      sky: chance >= 30 ? "흐림" : chance > 0 ? "구름많음" : "맑음",
      precipitation_type: rains ? "비" : "없음",
      precipitation: rains ? 2.5 : 0,
      precipitation_text: rains ? "2.5mm" : "강수없음",
      precipitation_probability: chance,
    };
  });
}

/** As the API writes times. */
const micro = (at: number) => new Date(at).toISOString().replace("Z", "000Z");

export function weather(part: Partial<Weather> = {}, now = Date.now()): Weather {
  const from = Math.floor(now / hour) * hour;
  return {
    sky: "흐림",
    precipitation_type: "없음",
    precipitation: 0,
    precipitation_text: "강수없음",
    temperature: 21.4,
    humidity: 83,
    wind_speed: 1.4,
    forecast_at: micro(from),
    place: "서울특별시 강남구 역삼동",
    source: "kma",
    stale: false,
    stale_since: null,
    hours: hours(from),
    ...part,
  };
}

/** Since `minutes`: the service does not answer. */
export const staleWeather = (minutes: number) => weather({ stale: true, stale_since: micro(Date.now() - minutes * 60_000) });

export function suggestion(part: Partial<Suggestion> = {}): Suggestion {
  return {
    menus: [
      { name: "감자탕", category: "찜,탕,찌개", reason: "비 오는 저녁이라 뜨끈한 국물이 어울려요." },
      { name: "해물파전", category: "분식", reason: "빗소리 들으며 부쳐 먹기 좋아요." },
      { name: "짬뽕", category: "중식", reason: "비에 젖은 몸을 얼큰하게 데워 줘요." },
      { name: "칼국수", category: "백반,죽,국수", reason: "비 오는 날 생각나는 따뜻한 국물이에요." },
      { name: "쌀국수", category: "아시안", reason: "쌀쌀한 저녁에 부담 없이 따뜻해요." },
    ],
    weather: weather({ precipitation_type: "비" }),
    source: "openai",
    remaining: 9,
    ...part,
  };
}

/** Five others. */
export const anotherSuggestion = (part: Partial<Suggestion> = {}) =>
  suggestion({
    menus: [
      { name: "순두부찌개", category: "찜,탕,찌개", reason: "맵지 않게 끓이면 속이 편안해요." },
      { name: "잔치국수", category: "백반,죽,국수", reason: "맑은 멸치 국물이라 맵지 않아요." },
      { name: "우동", category: "돈까스,회,일식", reason: "담백한 국물에 면이 든든해요." },
      { name: "만둣국", category: "분식", reason: "고소한 국물에 만두가 부드러워요." },
      { name: "완탕면", category: "중식", reason: "맑고 따뜻해서 부담이 없어요." },
    ],
    remaining: 8,
    ...part,
  });
