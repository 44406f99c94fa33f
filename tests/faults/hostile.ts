/**
 * Hostile clients of all kinds at once, a few of each, until they are stopped.
 *
 * @module
 */
import { Client, headOf } from "./client.ts";
import { milliseconds, resetAfter } from "./reset.ts";
import { chances, noise } from "./server.ts";

const garbage = noise(100_000, 20261128);

/** What a hostile client does on a connection, given a number from 0 up to 1. */
type Deed = (port: number, chance: () => number) => Promise<void>;

const deeds: Record<string, Deed> = {
  async silence(port, chance) {
    using _client = await Client.connect(port);
    await milliseconds(chance() * 2000)();
  },
  async reset(port, chance) {
    const head = headOf(["GET /files/large.bin HTTP/1.1"]);
    const part = head.slice(0, 1 + Math.floor(chance() * head.length));
    await resetAfter(port, chance() < 0.5 ? head : part, milliseconds(5));
  },
  async resetUpload(port, chance) {
    const head = headOf([
      "PUT /files/reset.bin HTTP/1.1",
      "Content-Length: 100000",
    ]);
    await resetAfter(port, head + "abc", milliseconds(chance() * 20));
  },
  async slowHead(port) {
    using client = await Client.connect(port);
    await client.send("GET /echo/a HTTP/1.1\r\n");
    for (let at = 0; at < 10; at++) {
      if (await client.send("a: b\r\n") === 0) return;
      await milliseconds(200)();
    }
  },
  async slowContent(port) {
    using client = await Client.begin(
      port,
      "PUT /files/slow.bin HTTP/1.1",
      "Content-Length: 100000",
    );
    for (let at = 0; at < 10; at++) {
      if (await client.send("a") === 0) return;
      await milliseconds(200)();
    }
  },
  async slowReader(port) {
    using client = await Client.begin(port, "GET /files/large.bin HTTP/1.1");
    for (let at = 0; at < 10; at++) {
      if (!await client.read(client.received + 1)) return;
      await milliseconds(200)();
    }
  },
  async endlessHead(port) {
    using client = await Client.begin(port, "GET /echo/a HTTP/1.1");
    for (let at = 0; at < 100; at++) {
      if (await client.send(`a: ${"b".repeat(1000)}\r\n`) === 0) return;
    }
  },
  async endlessContent(port) {
    using client = await Client.begin(
      port,
      "POST /echo/a HTTP/1.1",
      "Transfer-Encoding: chunked",
    );
    for (let at = 0; at < 100; at++) {
      const chunk = `1000\r\n${"a".repeat(4096)}\r\n`;
      if (await client.send(chunk) === 0) return;
    }
  },
  async halfClose(port, chance) {
    using client = await Client.connect(port);
    const head = headOf(["GET /echo/a HTTP/1.1"]);
    await client.send(head.slice(0, 1 + Math.floor(chance() * head.length)));
    await client.endSending();
    await client.rest();
  },
  async nonsense(port, chance) {
    using client = await Client.connect(port);
    const from = Math.floor(chance() * 90_000);
    await client.send(garbage.subarray(from, from + 5000));
    await client.endSending();
    await client.rest();
  },
};

/** Clients of a server, until they are stopped. */
export class Hostility {
  /** How often each was done. */
  readonly counts: Record<string, number> = {};
  #isOn = true;
  readonly #running: Promise<unknown>;

  /** Starts so many of each kind. */
  constructor(port: number, each: number, seed: number) {
    const chance = chances(seed);
    this.#running = Promise.all(
      Object.entries(deeds).flatMap(([name, deed]) =>
        Array.from({ length: each }, async () => {
          while (this.#isOn) {
            await deed(port, chance);
            this.counts[name] = (this.counts[name] ?? 0) + 1;
          }
        })
      ),
    );
  }

  /** Stops them, each when it is done. @returns how much they have done. */
  async stop(): Promise<number> {
    this.#isOn = false;
    await this.#running;
    return Object.values(this.counts).reduce((a, b) => a + b, 0);
  }
}
