import type { BrowserContext } from "playwright-core";

/** Listens to all that a browser complains of, and to where it goes. */
export class Watch {
  readonly complaints: string[] = [];
  #forgiven: RegExp[] = [];

  static async over(context: BrowserContext, who: string): Promise<Watch> {
    const watch = new Watch();
    const note = (what: string) => {
      if (!watch.#forgiven.some((pattern) => pattern.test(what))) watch.complaints.push(`${who}: ${what}`);
    };
    context.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") note(`${message.type()}: ${message.text()} (${message.location().url})`);
    });
    context.on("weberror", (error) => note(`thrown: ${error.error().stack ?? error.error().message}`));
    context.on("request", (request) => {
      const url = new URL(request.url());
      if (/^(http|ws)s?:$/.test(url.protocol) && url.hostname !== "127.0.0.1") note(`foreign host: ${request.url()}`);
    });
    await context.exposeBinding("complain", (_source, what: string) => note(what));
    await context.addInitScript(() => {
      const complain = (window as unknown as { complain: (what: string) => void }).complain;
      document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile, lineNumber }) =>
        complain(`content policy: ${violatedDirective} forbids ${blockedURI} at ${sourceFile}:${lineNumber}`),
      );
      const shifts: { value: number; sources: string[] }[] = [];
      Object.assign(window, { shifts });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node: Node | null }[] })[]) {
          if (entry.hadRecentInput) continue;
          shifts.push({ value: entry.value, sources: entry.sources.map(({ node }) => (node instanceof Element ? `${node.tagName}.${node.className}` : String(node?.textContent))) });
        }
      }).observe({ type: "layout-shift", buffered: true });
    });
    return watch;
  }

  /** From here on, this is no surprise. */
  forgive(...patterns: RegExp[]) {
    this.#forgiven.push(...patterns);
  }
}

/** The line that a browser writes about an answer of the API, which cannot be turned off. */
export const answered = (status: number) => new RegExp(`^error: Failed to load resource: the server responded with a status of ${status} .*/api/`);

/** What it writes about a page that no screen has: people get the app, which says so, and the status is for machines. */
export const noScreen = (path: string) => new RegExp(`status of 404 .*\\d${path}\\)$`);

/** What it writes when a line is cut. */
export const lineLost = [/^error: Failed to load resource: net::ERR_/, /^error: WebSocket connection to /];
