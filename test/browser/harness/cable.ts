import { connect, createServer, type AddressInfo, type Server as Listener, type Socket } from "node:net";

/** A line between one browser and the server that can be cut, so that not even an open socket survives. */
export class Cable {
  #listener: Listener;
  #open = new Set<Socket>();
  #cut = false;
  #request = "";
  #answersToCut = 0;
  #answersCut = 0;

  private constructor(port: number) {
    this.#listener = createServer((near) => {
      if (this.#cut) return void near.destroy();
      const far = connect(port, "127.0.0.1");
      for (const end of [near, far]) {
        this.#open.add(end);
        end.on("error", () => {});
        end.on("close", () => {
          this.#open.delete(end);
          near.destroy();
          far.destroy();
        });
      }
      let answering = false;
      near.on("data", (sent: Buffer) => {
        // The body of a request may come in a piece of its own.
        if (this.#answersToCut > 0 && sent.includes(this.#request)) answering = true;
      });
      far.on("data", () => {
        if (!answering) return;
        answering = false;
        this.#answersToCut -= 1;
        this.#answersCut += 1;
        near.destroy();
        far.destroy();
      });
      near.pipe(far).pipe(near);
    });
  }

  static async to(port: number): Promise<Cable> {
    const cable = new Cable(port);
    await new Promise<void>((resolve) => cable.#listener.listen(0, "127.0.0.1", resolve));
    return cable;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#listener.address() as AddressInfo).port}`;
  }

  /** Both ends lose each other at once. */
  cut() {
    this.#cut = true;
    for (const end of this.#open) end.destroy();
  }

  /** The next `times` connections that carry such a request end as soon as it is answered. Returns how many have. */
  cutAnswers(request: string, times: number): () => number {
    this.#request = request;
    this.#answersToCut = times;
    return () => this.#answersCut;
  }

  /** Nothing goes through any more, and neither end is told. */
  hold() {
    for (const end of this.#open) end.unpipe().pause();
  }

  mend() {
    this.#cut = false;
  }

  close() {
    this.cut();
    this.#listener.close();
  }
}
