/** What one client may take: connections at once, and requests a second. */

import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import { serve, type ServeOptions, type StreamPair } from "../../mod.ts";
import type { Exchange } from "../../lib/observer.ts";
import { ClientRequests } from "../../lib/server/client_limits.ts";
import { connect, parseAnswers } from "../support/conversation.ts";
import { NEXT } from "../support/message_cases.ts";

function request(hostname: string, isOfProxy = false) {
  const remoteAddr = { transport: "tcp", hostname, port: 1 } as const;
  return { remoteAddr, isOfProxy };
}

/** How many of some requests at one moment are not refused. */
function admitted(
  requests: ClientRequests,
  count: number,
  each: () => ReturnType<typeof request>,
): number {
  let admitted = 0;
  for (let at = 0; at < count; at++) {
    if (requests.refuse(each()) === undefined) admitted++;
  }
  return admitted;
}

Deno.test("clientRate: a second's number at once, then as time passes", () => {
  let now = 0;
  const requests = new ClientRequests(10, () => now);
  const take = (count: number) =>
    admitted(requests, count, () => request("192.0.2.1"));
  assertEquals(take(50), 10);
  now = 99;
  assertEquals(take(50), 0);
  now = 100;
  assertEquals(take(50), 1);
  now = 450;
  assertEquals(take(50), 3);
  now = 500;
  assertEquals(take(50), 1);
  // No more is saved up than comes in a second.
  now = 60_000;
  assertEquals(take(50), 10);
});

Deno.test("clientRate: what is refused costs a client nothing more", () => {
  let now = 0;
  const requests = new ClientRequests(1, () => now);
  let answered = 0;
  for (; now < 10_000; now += 10) {
    answered += admitted(requests, 5, () => request("192.0.2.1"));
  }
  assertEquals(answered, 10);
});

Deno.test("clientRate: a client is an address, or a /64", () => {
  const requests = new ClientRequests(2, () => 0);
  const take = (...hostnames: string[]) =>
    hostnames.reduce(
      (sum, each) => sum + admitted(requests, 1, () => request(each)),
      0,
    );
  assertEquals(take("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1"), 2);
  assertEquals(take("192.0.2.2", "192.0.2.3"), 2);
  assertEquals(take("2001:db8::1", "2001:db8::2", "2001:db8::3:4:5:6"), 2);
  assertEquals(take("2001:db8:0:1::1"), 1);
});

Deno.test("clientRate: proxies and Unix sockets are not limited", () => {
  const requests = new ClientRequests(1, () => 0);
  assertEquals(admitted(requests, 9, () => request("10.0.0.1", true)), 9);
  for (let at = 0; at < 9; at++) {
    const remoteAddr = { transport: "unix", path: "" } as const;
    requests.refuse({ remoteAddr, isOfProxy: false });
  }
  assertEquals(requests.size, 0);
});

Deno.test("clientRate: few clients are remembered, and none too short", () => {
  let now = 0;
  const requests = new ClientRequests(5, () => now);
  assertEquals(admitted(requests, 9, () => request("192.0.2.1")), 5);
  for (let at = 0; at < 100_000; at++) {
    requests.refuse(request(`10.${at >> 16}.${at >> 8 & 255}.${at & 255}`));
  }
  assertGreater(32_769, requests.size);
  assertGreater(requests.size, 16_383);
  // Silent ones are forgotten once that makes no difference.
  now = 1000;
  requests.refuse(request("192.0.2.2"));
  assertEquals(admitted(requests, 9, () => request("192.0.2.2")), 4);
  now = 1999;
  requests.refuse(request("192.0.2.3"));
  assertEquals(admitted(requests, 9, () => request("192.0.2.2")), 4);
  now = 2999;
  requests.refuse(request("192.0.2.4"));
  assertEquals(requests.size < 5, true);
});

/** A busy machine takes longer for some requests than a client has to wait. */
function stoppedClock(): Disposable {
  const { now } = performance;
  const time = performance.now();
  performance.now = () => time;
  return {
    [Symbol.dispose]() {
      performance.now = now;
    },
  };
}

Deno.test("clientRate: a pipeline gets 429 from the first too many on", async () => {
  using _clock = stoppedClock();
  const { pipe, exchanges, done } = connect({ limits: { clientRate: 3 } });
  const expecting = "GET / HTTP/1.1\r\nHost: h\r\nExpect: 200-ok\r\n\r\n";
  pipe.send(NEXT + expecting + NEXT + NEXT + expecting, null);
  await done;
  const answers = parseAnswers(pipe.received);
  // What the server refuses by itself counts as well.
  const statuses = [200, 417, 200, 429, 429];
  assertEquals(answers.map(({ status }) => status), statuses);
  assertEquals(exchanges.map(({ status }) => status), statuses);
  const { fields, content } = answers[3];
  assertEquals(fields["retry-after"], "1");
  assertEquals(
    content,
    "429 Too Many Requests: This client sends too many requests a second\n",
  );
});

Deno.test("clientRate: behind a trusted proxy it is each client's", async () => {
  using _clock = stoppedClock();
  const { pipe, done } = connect({
    limits: { clientRate: 1 },
    trustProxy: () => true,
  });
  const from = (client: string) =>
    `GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: ${client}\r\n\r\n`;
  const clients = ["192.0.2.1", "192.0.2.1", "192.0.2.2", "hidden", "hidden"];
  pipe.send(clients.map(from).join("") + NEXT + NEXT, null);
  await done;
  assertEquals(
    parseAnswers(pipe.received).map(({ status }) => status),
    // Those whom the proxy hides are one client; the proxy itself is none.
    [200, 429, 200, 200, 429, 200, 200],
  );
});

/** A server of connections that come one by one, each from an address. */
class Clients implements AsyncDisposable {
  readonly exchanges: Exchange[] = [];
  readonly #server;
  #connect!: (pair: StreamPair) => void;
  #close!: () => void;

  constructor(options: Omit<ServeOptions, "listener">) {
    const listener = new ReadableStream<StreamPair>({
      start: (controller) => {
        this.#connect = (pair) => controller.enqueue(pair);
        this.#close = () => controller.close();
      },
    });
    this.#server = serve({
      listener,
      onExchange: (exchange) => this.exchanges.push(exchange),
      ...options,
    }, () => new Response("hello"));
  }

  /** Waits until the server has so many connections. */
  async until(open: number): Promise<void> {
    while (this.#server.connections.open !== open) {
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }

  connect(hostname: string): Client {
    const client = new Client();
    const remoteAddr = { transport: "tcp", hostname, port: 1 } as const;
    this.#connect({ ...client.theirs, remoteAddr });
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    await this.#server.shutdown();
  }
}

class Client {
  readonly #up = new TransformStream<Uint8Array, Uint8Array>();
  readonly #down = new TransformStream<Uint8Array, Uint8Array>();
  readonly theirs = {
    readable: this.#up.readable,
    writable: this.#down.writable,
  };
  readonly #writer = this.#up.writable.getWriter();
  readonly #reader = this.#down.readable.getReader();

  /** Asks, and gives the beginning of the answer. */
  async ask(): Promise<string> {
    this.#writer.write(new TextEncoder().encode(NEXT)).catch(() => {});
    return await this.read();
  }

  /** What comes by itself; nothing at the end. */
  async read(): Promise<string> {
    const { value } = await this.#reader.read().catch(() => ({
      value: undefined,
    }));
    return new TextDecoder().decode(value).split("\r\n")[0];
  }

  leave(): void {
    this.#writer.close().catch(() => {});
  }
}

const refused = "HTTP/1.1 429 Too Many Requests";
const answered = "HTTP/1.1 200 OK";

Deno.test("clientConnections: one too many is told so before it asks", async () => {
  const limits = { clientConnections: 2 };
  await using clients = new Clients({ limits });
  const first = clients.connect("192.0.2.1");
  assertEquals(await first.ask(), answered);
  assertEquals(await clients.connect("192.0.2.1").ask(), answered);
  const third = clients.connect("192.0.2.1");
  assertEquals(await third.read(), refused);
  assertEquals(await third.read(), "");
  // Others are not concerned.
  assertEquals(await clients.connect("192.0.2.2").ask(), answered);
  assertEquals(await first.ask(), answered);
  const told = clients.exchanges.filter(({ status }) => status === 429);
  assertEquals(told.map(({ method, remoteAddr }) => [method, remoteAddr]), [
    [undefined, { transport: "tcp", hostname: "192.0.2.1", port: 1 }],
  ]);
  first.leave();
  await clients.until(2);
  assertEquals(await clients.connect("192.0.2.1").ask(), answered);
  assertEquals(await clients.connect("192.0.2.1").read(), refused);
});

Deno.test("clientConnections: a /64 is one client", async () => {
  const limits = { clientConnections: 1 };
  await using clients = new Clients({ limits });
  assertEquals(await clients.connect("2001:db8::1").ask(), answered);
  assertEquals(await clients.connect("2001:db8::2").read(), refused);
  assertEquals(await clients.connect("2001:db8:0:1::2").ask(), answered);
});

Deno.test("clientConnections: those of proxies are not limited", async () => {
  await using clients = new Clients({
    limits: { clientConnections: 1 },
    trustProxy: (hostname) => hostname === "10.0.0.1",
    proxyProtocol: () => false,
  });
  for (let at = 0; at < 3; at++) {
    assertEquals(await clients.connect("10.0.0.1").ask(), answered);
  }
  assertEquals(await clients.connect("192.0.2.1").ask(), answered);
  assertEquals(await clients.connect("192.0.2.1").read(), refused);
});

Deno.test("clientConnections: the refused do not wait for room", async () => {
  await using clients = new Clients({
    limits: { connections: 1, clientConnections: 1 },
  });
  const first = clients.connect("192.0.2.1");
  assertEquals(await first.ask(), answered);
  for (let at = 0; at < 200; at++) {
    assertEquals(await clients.connect("192.0.2.1").read(), refused);
  }
  assertEquals(await first.ask(), answered);
});

Deno.test("limits of a client are at least 1", () => {
  for (const name of ["clientConnections", "clientRate"]) {
    assertThrows(
      () => serve({ limits: { [name]: 0 } }, () => new Response()),
      RangeError,
      `Cannot use limits.${name}: 0 would serve nobody`,
    );
  }
});
