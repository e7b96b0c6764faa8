import lighthouse from "lighthouse";
import { loadavg } from "node:os";

/** What Lighthouse finds on a page, seen with a phone over a slow network; who is signed in stays so. */
export async function audit(browser, address) {
  // Now and then it loses the trace on a busy machine.
  for (let left = 3; ; left--) {
    try {
      return await attempt(browser, address);
    } catch (error) {
      if (left === 1) throw error;
      console.error(`${error.message} Once more.`);
    }
  }
}

async function attempt(browser, address) {
  const load = loadavg()[0];
  const page = await browser.newPage();
  const { lhr } = await lighthouse(
    address,
    {
      logLevel: "error",
      onlyCategories: ["performance", "accessibility", "best-practices"],
      disableFullPageScreenshot: true,
      // Everything else is thrown away before each run, so that each is a first visit.
      clearStorageTypes: ["file_systems", "shader_cache", "service_workers", "cache_storage"],
    },
    undefined,
    page,
  );
  await page.close();
  if (lhr.runtimeError) throw new Error(`Lighthouse: ${lhr.runtimeError.message}`);
  if (new URL(lhr.finalDisplayedUrl).pathname !== new URL(address).pathname) {
    throw new Error(`${address} led to ${lhr.finalDisplayedUrl}`);
  }

  const value = (id) => lhr.audits[id].numericValue;
  const score = (id) => Math.round(lhr.categories[id].score * 100);
  return {
    load,
    benchmark: lhr.environment.benchmarkIndex,
    performance: score("performance"),
    accessibility: score("accessibility"),
    practices: score("best-practices"),
    fcp: value("first-contentful-paint"),
    lcp: value("largest-contentful-paint"),
    cls: value("cumulative-layout-shift"),
    tbt: value("total-blocking-time"),
    si: value("speed-index"),
    largest: largest(lhr),
    parts: parts(lhr),
    failed: [...failed(lhr, "accessibility"), ...failed(lhr, "best-practices")],
  };
}

/** What Lighthouse does not give full marks for. */
function failed(lhr, category) {
  return lhr.categories[category].auditRefs
    .filter(({ id, weight }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 1)
    .map(({ id }) => `${id}: ${lhr.audits[id].title}`);
}

const items = (lhr) => (lhr.audits["lcp-breakdown-insight"]?.details?.items ?? []);

/** The element that was the largest. */
function largest(lhr) {
  return items(lhr).find(({ type }) => type === "node")?.snippet ?? "";
}

/** How long each part took that leads to it, as it was on this machine and not on the slow phone. */
function parts(lhr) {
  const rows = items(lhr).find(({ type }) => type === "table")?.items ?? [];
  return Object.fromEntries(rows.map(({ subpart, duration }) => [subpart, Math.round(duration)]));
}
