import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A proxy that asks for each request which node, named by its port, answers it. */
export class Balance {
  #server: Server;

  constructor(pick: (path: string) => number) {
    this.#server = createServer((from, to) => {
      const { method, url, headers } = from;
      const onward = request({ host: "127.0.0.1", port: pick(url ?? "/"), method, path: url, headers }, (answer) => {
        to.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(to);
      });
      onward.on("error", () => to.destroy());
      from.pipe(onward);
    });
  }

  async open() {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
