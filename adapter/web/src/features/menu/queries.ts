import { queryOptions } from "@tanstack/react-query";
import { withCategory, type Category } from "../../api/category";
import { api, ok, type Schemas } from "../../api/client";
import { keys } from "../../api/keys";
import { locate, mayLocate, type Spot } from "./spot";

export type Weather = Schemas["Weather"];
export type Hour = Schemas["WeatherHour"];
export type Menu = Omit<Schemas["Menu"], "category"> & { category: Category };
export type Suggestion = Omit<Schemas["Suggestion"], "menus"> & { menus: Menu[] };

/** The server may think for 20 s. */
const thinking = 30_000;

/** Whose weather it is: that of where one is, or null for that of one's neighbourhood. Nobody is asked for it here. */
export const spotQuery = queryOptions({
  queryKey: keys.position,
  queryFn: async (): Promise<Spot | null> => ((await mayLocate()) ? locate().catch(() => null) : null),
  staleTime: Infinity,
  gcTime: Infinity,
  retry: false,
});

/** What this server has. It is asked first: a refusal would be an error in the console of every visitor. */
const servicesQuery = queryOptions({
  queryKey: keys.services,
  queryFn: ({ signal }) => ok(api.GET("/api/openAPI/", { signal })),
  staleTime: Infinity,
  retry: false,
});

/** The weather, or null if this server has none. */
export const weatherQuery = (address: string, spot: Spot | null) =>
  queryOptions({
    queryKey: keys.weather(address, spot),
    queryFn: async ({ client, signal }): Promise<Weather | null> => {
      const services = await client.ensureQueryData(servicesQuery);
      return services.weather ? ok(api.GET("/api/openAPI/weather/", { params: { query: spot ?? {} }, signal })) : null;
    },
    staleTime: 10 * 60_000,
    refetchInterval: 15 * 60_000,
    // The server has tried for us.
    retry: false,
  });

/** Five menus for now, or for what is asked for. Each counts. */
export async function suggest(ask: string | null, spot: Spot | null, signal: AbortSignal): Promise<Suggestion> {
  const there = spot ?? {};
  const suggestion = await ok(
    ask === null
      ? api.GET("/api/openAPI/foodchoicer/", { params: { query: there }, signal })
      : api.POST("/api/openAPI/foodchoicer/", { body: { message: ask, ...there }, signal }),
    thinking,
  );
  return { ...suggestion, menus: suggestion.menus.map(withCategory) };
}

export const forget = () => ok(api.DELETE("/api/openAPI/foodchoicer/"));
