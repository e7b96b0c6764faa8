/** Where the device is, to about a kilometre: the weather is no finer. */
export type Spot = { lat: number; lon: number };

/** Why there is no spot: one does not want to tell, the device does not know, or it is where nobody knows the weather. */
export class Nowhere extends Error {
  constructor(readonly why: "denied" | "lost" | "abroad") {
    super(why);
  }
}

export const canLocate = () => window.isSecureContext && "geolocation" in navigator;

/** Whether one has allowed it before, so that nobody is asked. */
export async function mayLocate(): Promise<boolean> {
  try {
    return canLocate() && (await navigator.permissions.query({ name: "geolocation" })).state === "granted";
  } catch {
    return false;
  }
}

export async function locate(): Promise<Spot> {
  const { coords } = await new Promise<GeolocationPosition>((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(resolve, reject, { timeout: 8000, maximumAge: 10 * 60_000 });
  }).catch((error: Partial<GeolocationPositionError>) => {
    throw new Nowhere(error.code === 1 ? "denied" : "lost");
  });
  const lat = Math.round(coords.latitude * 100) / 100;
  const lon = Math.round(coords.longitude * 100) / 100;
  // Well within the grid of the KMA.
  if (lat < 32.5 || lat > 39 || lon < 124.5 || lon > 132) throw new Nowhere("abroad");
  return { lat, lon };
}
