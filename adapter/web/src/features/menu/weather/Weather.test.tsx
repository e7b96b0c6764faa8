import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { show } from "../../../test/render";
import { http, HttpResponse, problem, server } from "../../../test/server";
import { staleWeather, weather } from "../fixture";
import type { Weather as Now } from "../queries";
import { Weather } from "./Weather";

/** Answers with the weather; gives where it was asked for. */
function serve(answer: () => Now | Response) {
  const asked: string[] = [];
  server.use(
    http.get("*/api/openAPI/", () => HttpResponse.json({ weather: true })),
    http.get("*/api/openAPI/weather/", ({ request }) => {
      asked.push(new URL(request.url).search);
      const weather = answer();
      return weather instanceof Response ? weather : HttpResponse.json(weather);
    }),
  );
  return asked;
}

type Position = { latitude: number; longitude: number };

/** A device that knows where it is, or why it does not tell. */
function device(at: Position | "denied" | "lost", state: PermissionState = "prompt") {
  const getCurrentPosition = vi.fn<Geolocation["getCurrentPosition"]>((found, failed) => {
    if (typeof at === "string") failed?.({ code: at === "denied" ? 1 : 2 } as GeolocationPositionError);
    else found({ coords: at } as GeolocationPosition);
  });
  Object.defineProperty(window, "isSecureContext", { configurable: true, value: true });
  Object.defineProperty(navigator, "geolocation", { configurable: true, value: { getCurrentPosition } });
  Object.defineProperty(navigator, "permissions", { configurable: true, value: { query: () => Promise.resolve({ state }) } });
  return getCurrentPosition;
}

afterEach(() => {
  for (const name of ["geolocation", "permissions"]) Reflect.deleteProperty(navigator, name);
  Reflect.deleteProperty(window, "isSecureContext");
});

const chip = (name: string | RegExp) => screen.findByRole("button", { name });
const menus = vi.fn();

async function open(name: string | RegExp = /^날씨/) {
  const shown = show(<Weather onMenus={menus} />);
  await shown.user.click(await chip(name));
  return { ...shown, sheet: within(await screen.findByRole("dialog", { name: "날씨" })) };
}

test("shows the weather of one's neighbourhood, and the hours to come", async () => {
  const asked = serve(weather);
  const { user, sheet } = await open("날씨 21° 흐림");
  expect(sheet.getByText("서울특별시 강남구 역삼동")).toBeVisible();
  expect(sheet.getByText("83%")).toBeVisible();
  expect(sheet.queryByText("강수")).toBeNull();
  expect(sheet.getByRole("img").getAttribute("aria-label")).toMatch(/^기온은 16도에서 22도 사이예요\. 비 올 확률은 \d+시에 80%로 가장 높아요\.$/);
  expect(sheet.getByText(/^기상청 · /)).toBeVisible();
  expect(asked).toEqual([""]);

  await user.click(sheet.getByText("표로 보기"));
  const rows = within(sheet.getByRole("table")).getAllByRole("row");
  expect(rows).toHaveLength(13);
  expect(rows[6]).toHaveTextContent(/비18°80%2\.5mm$/);
});

test("leads on to what to eat", async () => {
  serve(weather);
  const { user, sheet } = await open("날씨 21° 흐림");
  await user.click(sheet.getByRole("button", { name: "이 날씨엔 뭐 먹지?" }));
  await waitFor(() => expect(menus).toHaveBeenCalledOnce());
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

test.each([
  [{ precipitation_type: "비/눈" }, "날씨 21° 비 또는 눈"],
  [{ precipitation_type: "눈", temperature: -0.3 }, "날씨 0° 눈"],
  [{ sky: "구름많음", precipitation_type: null }, "날씨 21° 구름 많음"],
  [{ sky: "맑음", temperature: null }, "날씨 맑음"],
] satisfies [Partial<Now>, string][])("says %o in a few letters", async (part, name) => {
  serve(() => weather(part));
  show(<Weather onMenus={menus} />);
  expect(await chip(name)).toBeVisible();
});

test("leaves out what nobody knows", async () => {
  const hours = weather().hours.map((hour, i) => ({ ...hour, temperature: i % 3 ? null : hour.temperature, precipitation_probability: null }));
  serve(() => weather({ humidity: null, wind_speed: null, precipitation: 2.5, precipitation_text: "2.5mm", hours }));
  const { sheet } = await open("날씨 21° 흐림");
  expect(sheet.queryByText("습도")).toBeNull();
  expect(sheet.getAllByText("2.5mm")[0]).toBeVisible();
  // Rain that is foretold without how likely it is counts as certain.
  expect(sheet.getByRole("img")).toHaveAccessibleName(/100%로 가장 높아요/);
  expect(sheet.getByRole("img").innerHTML).not.toContain("NaN");
});

test("says how old it is when there is no newer one", async () => {
  serve(() => staleWeather(40));
  const { sheet } = await open();
  expect(sheet.getByText("40분 전 날씨예요. 기상청이 잠시 답하지 않아요.")).toBeVisible();
});

test("where there is no weather it is quiet, and does not ask for it", async () => {
  const asked = serve(() => problem(503, "weather_not_configured"));
  server.use(http.get("*/api/openAPI/", () => HttpResponse.json({ weather: false })));
  const { sheet, user } = await open("날씨");
  expect(sheet.getByText("아직 날씨를 볼 수 없어요")).toBeVisible();
  expect(screen.queryByRole("alert")).toBeNull();
  expect(sheet.queryByRole("button", { name: "다시 시도" })).toBeNull();
  await user.click(sheet.getByRole("button", { name: "메뉴 추천받기" }));
  expect(menus).toHaveBeenCalled();
  expect(asked).toEqual([]);
});

test("says that it is away, and tries again", async () => {
  let away = true;
  serve(() => (away ? problem(503, "weather_unavailable", undefined, "지금은 날씨를 알 수 없어요.") : weather()));
  const { user, sheet } = await open("날씨");
  expect(await sheet.findByRole("alert")).toHaveTextContent("지금은 날씨를 알 수 없어요.");
  away = false;
  await user.click(sheet.getByRole("button", { name: "다시 시도" }));
  expect(await sheet.findByText("습도")).toBeVisible();
});

test("says that there is no network", async () => {
  serve(() => HttpResponse.error() as Response);
  const { sheet } = await open("날씨");
  expect(await sheet.findByRole("alert")).toHaveTextContent("인터넷에 연결되지 않았어요.");
});

test("nobody is asked where they are; who allowed it before has the weather of there, to a kilometre", async () => {
  const asked = serve(() => weather({ place: "부산광역시 중구 중앙동4가" }));
  const locate = device({ latitude: 35.10234, longitude: 129.03456 }, "granted");
  const { sheet } = await open("날씨 21° 흐림");
  expect(locate).toHaveBeenCalledOnce();
  expect(asked).toEqual(["?lat=35.1&lon=129.03"]);
  expect(sheet.getByText("부산광역시 중구 중앙동4가")).toBeVisible();
});

test("asks where one is when one wants that, and goes back to the neighbourhood", async () => {
  const asked = serve(weather);
  const locate = device({ latitude: 37.5665, longitude: 126.978 });
  const { user, sheet } = await open("날씨 21° 흐림");
  expect(locate).not.toHaveBeenCalled();
  await user.click(sheet.getByRole("button", { name: "현재 위치로 보기" }));
  await user.click(await sheet.findByRole("button", { name: "내 동네로 보기" }));
  expect(await sheet.findByRole("button", { name: "현재 위치로 보기" })).toBeVisible();
  expect(asked).toEqual(["", "?lat=37.57&lon=126.98"]);
});

test.each([
  ["denied", "위치를 볼 수 없게 되어 있어요."],
  ["lost", "현재 위치를 알 수 없어요."],
  [{ latitude: 35.68, longitude: 139.77 }, "여기의 날씨는 알 수 없어요."],
] as const)("keeps the weather of the neighbourhood where the place is no use: %s", async (at, sentence) => {
  const asked = serve(weather);
  device(at);
  const { user, sheet } = await open("날씨 21° 흐림");
  await user.click(sheet.getByRole("button", { name: "현재 위치로 보기" }));
  expect(await sheet.findByRole("alert")).toHaveTextContent(sentence);
  expect(sheet.getByText("서울특별시 강남구 역삼동")).toBeVisible();
  expect(asked).toEqual([""]);
});

test("who lives where nobody knows can still have the weather of here", async () => {
  device({ latitude: 37.5665, longitude: 126.978 });
  serve(() => problem(400, "invalid", { lat: ["동네의 위치를 몰라요."] }));
  const { user, sheet } = await open("날씨");
  expect(await sheet.findByText("내 동네의 위치를 몰라서 날씨를 보여 드릴 수 없어요.")).toBeVisible();
  serve(() => weather({ place: "서울특별시 중구 태평로1가" }));
  await user.click(sheet.getByRole("button", { name: "현재 위치로 보기" }));
  expect(await sheet.findByText("서울특별시 중구 태평로1가")).toBeVisible();
});
