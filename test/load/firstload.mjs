/** A post on the board, as opposed to the place that is kept for one. */
const post = 'main a[href^="/posts/"]:not([href="/posts/new"])';

/**
 * Opens the board as somebody who is signed in and has nothing else of it yet,
 * over a network like that of Lighthouse's phone. Gives what was asked for until
 * `posts` posts could be used, and what came after that.
 */
export async function firstLoad(browser, url, posts) {
  const page = await browser.newPage();
  const devtools = await page.createCDPSession();
  await devtools.send("Network.enable");
  await devtools.send("Storage.clearDataForOrigin", { origin: url, storageTypes: "service_workers,cache_storage" });
  await devtools.send("Network.clearBrowserCache");
  await devtools.send("Network.setExtraHTTPHeaders", { headers: { "Accept-Encoding": "gzip" } });
  const perSecond = (kilobits) => (kilobits * 1024) / 8;
  await devtools.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 150,
    downloadThroughput: perSecond(1638.4),
    uploadThroughput: perSecond(675),
  });

  const requests = new Map();
  devtools.on("Network.requestWillBeSent", ({ requestId, request, wallTime, type }) =>
    requests.set(requestId, { path: new URL(request.url).pathname, type, encoding: "", bytes: 0, at: wallTime * 1000 }),
  );
  devtools.on("Network.responseReceived", ({ requestId, type, response }) => {
    const encoding = response.headers["Content-Encoding"] ?? "";
    Object.assign(requests.get(requestId) ?? {}, { type, encoding });
  });
  devtools.on("Network.dataReceived", ({ requestId, encodedDataLength }) => {
    const request = requests.get(requestId);
    if (request) request.bytes += encodedDataLength;
  });

  await page.evaluateOnNewDocument(
    (post, posts) => {
      const timer = setInterval(() => {
        if (document.querySelectorAll(post).length < posts) return;
        window.usable = performance.timeOrigin + performance.now();
        clearInterval(timer);
      }, 10);
    },
    post,
    posts,
  );
  await page.goto(`${url}/board`);
  const usable = await (await page.waitForFunction(() => window.usable)).jsonValue();
  await page.waitForNetworkIdle({ idleTime: 2000 });
  await page.close();

  const all = [...requests.values()];
  const start = all[0].at;
  const tell = ({ path, encoding, bytes, at }) => ({ path, encoding, bytes, at: Math.round(at - start) });
  const sort = (some) => ({
    scripts: some.filter(({ type }) => type === "Script").map(tell),
    api: some.filter(({ path }) => path.startsWith("/api/")).map(tell),
    others: some.filter(({ type, path }) => type !== "Script" && !path.startsWith("/api/")).map(tell),
  });
  return {
    usable: Math.round(usable - start),
    before: sort(all.filter(({ at }) => at < usable)),
    after: sort(all.filter(({ at }) => at >= usable)),
  };
}
