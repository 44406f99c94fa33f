/** What transfers hold: one buffer each, no longer than the client is quick. */

import { assert, assertEquals, assertGreater } from "@std/assert";
import { type Handler, serve, type StreamPair } from "../../mod.ts";

const KIB = 1024;
/** What every transfer may have. */
const SMALL = 8 * KIB;
const USUAL = 64 * KIB;
const LARGE = 256 * KIB;
const LARGEST = 512 * KIB;
/** More than the sockets of both sides hold. */
const PROVEN = 16 * KIB * KIB;

/** A clock that stands still unless it is told: each write is a quick one. */
function stopClock() {
  const { now } = performance;
  let time = now.call(performance);
  performance.now = () => time;
  return {
    advance: (milliseconds: number) => time += milliseconds,
    [Symbol.dispose]: () => performance.now = now,
  };
}

/** A client that takes some writes at once, and of the next one nothing. */
class Client {
  readonly pair: StreamPair;
  /** Fulfilled when a write waits. */
  readonly stalled: Promise<void>;
  #octets = new TransformStream<Uint8Array, Uint8Array>();
  #goOn = Promise.withResolvers<void>();

  constructor(path: string, { writes }: { writes: number }) {
    const stall = Promise.withResolvers<void>();
    this.stalled = stall.promise;
    const request = `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`;
    this.#octets.writable.getWriter().write(new TextEncoder().encode(request))
      .catch(() => {});
    this.pair = {
      readable: this.#octets.readable,
      writable: new WritableStream({
        write: () => {
          if (writes-- > 0) return;
          stall.resolve();
          return this.#goOn.promise;
        },
      }, { highWaterMark: 1 }),
    };
  }

  /** Takes the write that waits, and no more. */
  goOn(): void {
    this.#goOn.resolve();
    this.#goOn = Promise.withResolvers<void>();
  }

  leave(): void {
    this.#goOn.reject(new Error("The client has left"));
  }
}

/** Bodies as long as asked for, and how long a buffer each was lent last. */
class Bodies {
  readonly lent = new Map<string, number[]>();

  readonly handler: Handler = ({ url }) => {
    const { pathname } = new URL(url);
    const lengths: number[] = [];
    this.lent.set(pathname, lengths);
    return new Response(
      new ReadableStream({
        type: "bytes",
        pull({ byobRequest }) {
          const { byteLength } = byobRequest!.view!;
          lengths.push(byteLength);
          byobRequest!.respond(byteLength);
        },
      }),
      { headers: { "content-length": String(2 ** 40) } },
    );
  };

  lengthsOf(path: string): number[] {
    return this.lent.get(path)!;
  }

  /** What all of them hold together. */
  get held(): number {
    return [...this.lent.values()]
      .reduce((sum, lengths) => sum + lengths.at(-1)!, 0);
  }
}

/** A server for clients that come when they are asked to. */
function serveClients(handler: Handler, buffered?: number) {
  const arrivals = new TransformStream<StreamPair, StreamPair>();
  const writer = arrivals.writable.getWriter();
  const server = serve({
    listener: arrivals.readable as AsyncIterable<StreamPair>,
    limits: { buffered },
    onError: () => new Response(null, { status: 500 }),
  }, handler);
  return {
    serve: (client: Client) => writer.write(client.pair),
    async [Symbol.asyncDispose]() {
      await server.shutdown({ deadline: 0 });
    },
  };
}

Deno.test("a body gets a usual buffer first, and a longer one from a quick client", async () => {
  using _clock = stopClock();
  const bodies = new Bodies();
  await using server = serveClients(bodies.handler);
  const client = new Client("/a", { writes: 8 });
  await server.serve(client);
  await client.stalled;
  const lengths = bodies.lengthsOf("/a");
  assertEquals(lengths[0], USUAL);
  assertEquals(lengths.at(-1), LARGE);
  client.leave();
});

Deno.test("a body gets a small buffer again when the client is slow", async () => {
  using clock = stopClock();
  const bodies = new Bodies();
  await using server = serveClients(bodies.handler);
  const client = new Client("/a", { writes: 8 });
  await server.serve(client);
  await client.stalled;
  const lengths = bodies.lengthsOf("/a");
  const { length } = lengths;
  assertEquals(lengths[length - 1], LARGE);
  clock.advance(1000);
  client.goOn();
  while (lengths.length === length) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  assert(lengths[length] <= SMALL);
});

Deno.test("a body gets the largest buffer when no socket can have taken it all", async () => {
  using clock = stopClock();
  const bodies = new Bodies();
  await using server = serveClients(bodies.handler);
  const client = new Client("/a", { writes: 2 * PROVEN / LARGE });
  await server.serve(client);
  await client.stalled;
  const lengths = bodies.lengthsOf("/a");
  const first = lengths.indexOf(LARGEST);
  const before = lengths.slice(0, first);
  assertEquals(Math.max(...before), LARGE);
  const sum = before.reduce((sum, length) => sum + length, 0);
  assert(sum >= PROVEN && sum < PROVEN + 2 * LARGE, `${sum} octets before`);
  assertEquals(lengths.at(-1), LARGEST);

  // And once it was slow, it has to prove itself again.
  const { length } = lengths;
  clock.advance(1000);
  for (let count = 1; count <= 6; count++) {
    client.goOn();
    while (lengths.length < length + count) {
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }
  assert(lengths[length] <= SMALL);
  assertEquals(Math.max(...lengths.slice(length)), LARGE);
  client.leave();
});

Deno.test("nothing is read while a write waits", async () => {
  const bodies = new Bodies();
  await using server = serveClients(bodies.handler);
  const client = new Client("/a", { writes: 1 }); // the head
  await server.serve(client);
  await client.stalled;
  for (let turn = 0; turn < 10; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  assertEquals(bodies.lengthsOf("/a").length, 1);
  client.leave();
});

Deno.test("clients that have stopped reading share a budget", async () => {
  using _clock = stopClock();
  const bodies = new Bodies();
  const buffered = 4 * LARGE;
  await using server = serveClients(bodies.handler, buffered);
  const clients = Array.from(
    { length: 40 },
    (_, at) => new Client(`/${at}`, { writes: 8 }),
  );
  for (const client of clients) {
    await server.serve(client);
    await client.stalled;
  }
  assert(bodies.held <= buffered + 40 * SMALL);
  // Nobody is refused, and all get on.
  assertEquals(bodies.lent.size, 40);
  assert([...bodies.lent.values()].every((lengths) => lengths.length === 8));
  clients.forEach((client) => client.leave());
});

Deno.test("what a client held is there for the next when it has left", async () => {
  using _clock = stopClock();
  const bodies = new Bodies();
  await using server = serveClients(bodies.handler, LARGE);
  for (const path of ["/a", "/b", "/c"]) {
    const client = new Client(path, { writes: 8 });
    await server.serve(client);
    await client.stalled;
    assertEquals(bodies.lengthsOf(path).at(-1), LARGE);
    const beside = new Client(`${path}/beside`, { writes: 8 });
    await server.serve(beside);
    await beside.stalled;
    assert(bodies.lengthsOf(`${path}/beside`).at(-1)! <= SMALL);
    client.leave();
    beside.leave();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
});

/** A listener with one connection, which brings octets as it is told. */
function listenerOf(conn: Partial<Deno.Conn>): Deno.Listener {
  const closed = Promise.withResolvers<never>();
  closed.promise.catch(() => {});
  const addr: Deno.Addr = { transport: "tcp", hostname: "127.0.0.1", port: 1 };
  let isAccepted = false;
  return {
    addr,
    accept() {
      if (isAccepted) return closed.promise;
      isAccepted = true;
      const end = { remoteAddr: addr, localAddr: addr, ref() {}, unref() {} };
      return Promise.resolve({ ...end, ...conn } as Deno.Conn);
    },
    close: () => closed.reject(new Deno.errors.BadResource("closed")),
    ref() {},
    unref() {},
  } as unknown as Deno.Listener;
}

Deno.test("a connection waits with a small buffer, whatever it read before", async () => {
  const head = new TextEncoder().encode(
    `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${2 ** 20}\r\n\r\n`,
  );
  const lengths: number[] = [];
  const waits = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<never>();
  closed.promise.catch(() => {});
  const listener = listenerOf({
    read(octets) {
      lengths.push(octets.length);
      if (lengths.length === 1) octets.set(head);
      if (lengths.length < 6) return Promise.resolve(octets.length);
      // Some of what there is room for, and then nothing.
      if (lengths.length === 6) return Promise.resolve(octets.length - 1000);
      waits.resolve();
      return closed.promise;
    },
    write: (octets) => Promise.resolve(octets.length),
    closeWrite: () => Promise.resolve(),
    close: () => closed.reject(new Deno.errors.Interrupted("closed")),
  });
  const server = serve({
    listener: listener as Deno.Listener<Deno.Conn, Deno.Addr>,
    onListen() {},
    onError: () => new Response(null, { status: 500 }),
  }, async (request) => {
    for await (const _ of request.body!);
    return new Response("done");
  });
  await waits.promise;
  assertEquals(Math.max(...lengths), LARGE);
  assertGreater(lengths.at(-2)!, SMALL);
  assert(lengths.at(-1)! <= SMALL);
  await server.shutdown({ deadline: 0 });
});
