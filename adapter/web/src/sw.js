// Keeps the frame of the app on the device, so that without a network it opens
// and says so. It never sees an answer of the API: only files whose names change
// with their content, and the page that names them. `npm run build` fills in
// what those are.

const version = "__VERSION__";
const shell = ["/index.html", ...__FILES__];
const name = `mealbuddy-${version}`;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(name)
      .then((cache) => cache.addAll(shell))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((n) => n.startsWith("mealbuddy-") && n !== name).map((n) => caches.delete(n))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (/^\/(api|ws|docs)\//.test(url.pathname)) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (/^\/assets\/.+\.(js|css|svg)$/.test(url.pathname)) event.respondWith(asset(request));
});

/** The page as it is now; without a network the one that was kept. */
async function page(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match("/index.html", { cacheName: name });
    if (kept) return kept;
    throw error;
  }
}

/** A file whose name says what is in it: once is enough. */
async function asset(request) {
  const cache = await caches.open(name);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}
