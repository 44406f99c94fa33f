/**
 * Stands between a client and servers, and breaks off all connections whenever
 * so many octets of the client's have passed. The client sees one address, and
 * a network that fails.
 *
 * @module
 */

/** A break, and what happens before the next connection gets through. */
export interface Break {
  /** Octets of clients after which it comes, all connections together. */
  after: number;
  then?: () => Promise<void> | void;
}

/** Listens, and passes on, until it is disposed of. */
export class BreakingRelay implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #portOf: () => number;
  readonly #breaks: Break[];
  readonly #open = new Set<Deno.Conn>();
  readonly #ended: Promise<unknown>;
  #passed = 0;
  #isReady: Promise<void> = Promise.resolve();
  /** How often it has broken off. */
  count = 0;

  /**
   * @param portOf Where it passes the next connection on to.
   * @param breaks In their order.
   */
  constructor(portOf: () => number, breaks: Break[]) {
    this.#portOf = portOf;
    this.#breaks = [...breaks];
    this.#ended = this.#accept();
  }

  /** Where clients find it. */
  url(path: string): string {
    return `http://127.0.0.1:${this.#listener.addr.port}${path}`;
  }

  async #accept(): Promise<void> {
    const passing: Promise<void>[] = [];
    for await (const client of this.#listener) {
      passing.push(this.#pass(client));
    }
    await Promise.all(passing);
  }

  async #pass(client: Deno.Conn): Promise<void> {
    this.#open.add(client);
    await this.#isReady;
    try {
      using server = await Deno.connect({
        hostname: "127.0.0.1",
        port: this.#portOf(),
      });
      this.#open.add(server);
      await Promise.all([
        copy(client, server, (count) => this.#pay(count)),
        copy(server, client, () => {}),
      ]);
      this.#open.delete(server);
    } catch {
      // Broken off, by one of the three.
    } finally {
      this.#open.delete(client);
      close(client);
    }
  }

  #pay(count: number): void {
    this.#passed += count;
    const [next] = this.#breaks;
    if (!next || this.#passed < next.after) return;
    this.#breaks.shift();
    this.count++;
    for (const conn of this.#open) close(conn);
    this.#open.clear();
    this.#isReady = Promise.resolve(next.then?.());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const conn of this.#open) close(conn);
    await this.#ended;
    await this.#isReady;
  }
}

/** Copies to the end, which it passes on; rejects where either is broken. */
async function copy(
  from: Deno.Conn,
  to: Deno.Conn,
  passed: (count: number) => void,
): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  for (let count; (count = await from.read(buffer)) !== null;) {
    for (let at = 0; at < count;) {
      at += await to.write(buffer.subarray(at, count));
    }
    passed(count);
  }
  await to.closeWrite();
}

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // It is closed already.
  }
}
