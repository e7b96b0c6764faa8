import { queryOptions } from "@tanstack/react-query";
import { api, ok } from "../../../api/client";
import { keys } from "../../../api/keys";

/** How many a search finds at most. */
export const most = 10;

/** The sido, sigungu and neighbourhoods whose names begin with these words, or with these initials. At most `most`. */
export const search = (words: string) =>
  queryOptions({
    queryKey: keys.regions(words),
    queryFn: ({ signal }) => ok(api.GET("/api/region/search/", { params: { query: { q: words } }, signal })),
    staleTime: 60_000,
    // Whoever types does not wait; there is a button to try again.
    retry: false,
  });

/** Whether the device may be asked where it is. */
export const canLocate = () => window.isSecureContext && "geolocation" in navigator;

/** That a person does not want to tell where they are. */
export class Denied extends Error {}

/** The neighbourhood where the device is, as far as the server knows it. No more of the place is sent than that takes. */
export async function locate() {
  const { coords } = await new Promise<GeolocationPosition>((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(resolve, reject, { timeout: 10_000 });
  }).catch((error: Partial<GeolocationPositionError>) => {
    throw error.code === 1 ? new Denied() : new Error("no position");
  });
  const rounded = (degrees: number) => Math.round(degrees * 1000) / 1000;
  return ok(api.GET("/api/region/near/", { params: { query: { lat: rounded(coords.latitude), lon: rounded(coords.longitude) } } }));
}
