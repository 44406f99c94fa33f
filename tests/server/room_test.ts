/** When all connections are in use: who makes room for a new one, and who never. */

import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { type HttpServer, serve } from "../../mod.ts";
import type { Exchange } from "../../lib/observer.ts";
import { NEXT } from "../support/message_cases.ts";

const noNet = (await Deno.permissions.query({ name: "net" })).state !==
  "granted";

/** Seconds that pass when they are told to, for the servers that start now. */
class Clock implements Disposable {
  #performanceNow = performance.now;
  #setInterval = globalThis.setInterval;
  #clearInterval = globalThis.clearInterval;
  #timeout = AbortSignal.timeout;
  #sweeps = new Map<number, () => void>();
  #now = 0;

  constructor() {
    let count = 0;
    performance.now = () => this.#now;
    globalThis.setInterval = ((sweep: () => void) => {
      this.#sweeps.set(++count, sweep);
      return count;
    }) as unknown as typeof setInterval;
    globalThis.clearInterval = (timer) => {
      this.#sweeps.delete(timer as unknown as number);
    };
    AbortSignal.timeout = () => {
      const controller = new AbortController();
      const timer = ++count;
      this.#sweeps.set(timer, () => {
        this.#sweeps.delete(timer);
        controller.abort();
      });
      return controller.signal;
    };
  }

  /** Lets a second or less pass, and all that is due then be done. */
  async pass(milliseconds = 1000): Promise<void> {
    this.#now += milliseconds;
    for (let sweep = 0; sweep < 2; sweep++) {
      for (const sweep of this.#sweeps.values()) sweep();
    }
    for (let turn = 0; turn < 5; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }

  [Symbol.dispose](): void {
    performance.now = this.#performanceNow;
    globalThis.setInterval = this.#setInterval;
    globalThis.clearInterval = this.#clearInterval;
    AbortSignal.timeout = this.#timeout;
  }
}

/** A server with few connections, its clients, and what became of them. */
class Room implements AsyncDisposable {
  readonly clock = new Clock();
  readonly exchanges: Exchange[] = [];
  readonly server: HttpServer;
  readonly work = Promise.withResolvers<void>();
  #clients: Client[] = [];
  #received = new Map<string, number>();
  #onProgress = Promise.withResolvers<void>();

  constructor(connections: number) {
    this.server = serve({
      hostname: "127.0.0.1",
      port: 0,
      onListen() {},
      limits: { connections },
      timeouts: { write: Infinity },
      onExchange: (exchange) => this.exchanges.push(exchange),
    }, (request) => this.#answer(request));
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    this.#progress(pathname, 0);
    if (pathname === "/work") return await this.#workDone();
    if (pathname.startsWith("/download")) return download();
    if (!request.body) return new Response("hello");
    const reader = request.body.getReader();
    // One that does not care about its client.
    const next = () =>
      reader.read().catch(async (error) => {
        if (pathname === "/stubborn") await this.work.promise;
        throw error;
      });
    for (let read; !(read = await next()).done;) {
      this.#progress(pathname, read.value.length);
      // One that does nothing more with what it has got.
      if (pathname === "/kept") return await this.#workDone();
    }
    return new Response("stored");
  }

  async #workDone(): Promise<Response> {
    await this.work.promise;
    return new Response("done");
  }

  #progress(path: string, octets: number): void {
    this.#received.set(path, (this.#received.get(path) ?? 0) + octets);
    this.#onProgress.resolve();
    this.#onProgress = Promise.withResolvers();
  }

  /** Waits until the handler has got so much of the content. */
  async until(path: string, octets: number): Promise<void> {
    while ((this.#received.get(path) ?? -1) < octets) {
      await this.#onProgress.promise;
    }
  }

  /** A client whose first octets these are. */
  async client(octets: string): Promise<Client> {
    const { port } = this.server.addr;
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const client = new Client(conn);
    this.#clients.push(client);
    await client.send(octets);
    return client;
  }

  /** A request that the handler is at work for. */
  async atWork(path: string): Promise<Client> {
    const client = await this.client(`GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`);
    await this.until(path, 0);
    return client;
  }

  /** An upload; each call sends so many octets, and waits for the handler. */
  async upload(path: string, length = 1e7) {
    const client = await this.client(
      `POST ${path} HTTP/1.1\r\nHost: h\r\nContent-Length: ${length}\r\n\r\n`,
    );
    await this.until(path, 0);
    let sent = 0;
    const send = async (octets: number) => {
      if (!await client.send("x".repeat(octets))) return;
      sent += octets;
      await Promise.race([this.until(path, sent), client.ended]);
    };
    return { client, send };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.work.resolve();
    for (const client of this.#clients) client.close();
    let isDown = false;
    const down = this.server.shutdown().then(() => isDown = true);
    while (!isDown) await this.clock.pass();
    await down;
    await Promise.all(this.#clients.map(({ ended }) => ended));
    this.clock[Symbol.dispose]();
  }
}

/** Content that never ends, as fast as it is taken. */
function download(): Response {
  const octets = new Uint8Array(65_536);
  return new Response(
    new ReadableStream({ pull: (controller) => controller.enqueue(octets) }),
  );
}

/** A socket of which all is read from the start, unless it is a slow reader. */
class Client {
  /** Its first octets. */
  received = "";
  #octets = 0;
  hasEnded = false;
  readonly ended: Promise<void>;
  #conn: Deno.Conn;
  #mayRead = Promise.withResolvers<void>();
  #change = Promise.withResolvers<void>();

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
    this.ended = this.#read();
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(65_536);
    const decoder = new TextDecoder();
    try {
      for (let count; (count = await this.#conn.read(buffer)) !== null;) {
        this.#octets += count;
        if (this.received.length < 1e6) {
          this.received += decoder.decode(buffer.subarray(0, count));
        }
        this.#change.resolve();
        this.#change = Promise.withResolvers();
        if (this.isSlow) await this.#mayRead.promise;
      }
    } catch {
      // Closed, by one side or the other.
    }
    this.hasEnded = true;
    this.#change.resolve();
  }

  /** Whether it reads no more than once. */
  isSlow = false;

  /** Waits for so many octets more. */
  async untilMore(octets: number): Promise<void> {
    const enough = this.#octets + octets;
    while (this.#octets < enough && !this.hasEnded) await this.#change.promise;
  }

  async send(octets: string): Promise<boolean> {
    try {
      const bytes = new TextEncoder().encode(octets);
      for (let at = 0; at < bytes.length;) {
        at += await this.#conn.write(bytes.subarray(at));
      }
      return true;
    } catch {
      return false;
    }
  }

  close(): void {
    this.#mayRead.resolve();
    try {
      this.#conn.close();
    } catch {
      // It is closed already.
    }
  }
}

/** Lets up to so many seconds pass; tells how many did before it was so. */
async function secondsUntil(
  isSo: () => boolean,
  { clock }: Room,
  eachSecond: () => Promise<unknown>,
  most = 60,
): Promise<number> {
  for (let second = 0; second < most; second++) {
    if (isSo()) return second;
    await eachSecond();
    await clock.pass();
  }
  return most;
}

function roomTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: noNet, fn });
}

roomTest("a trickling upload makes room, and is told so", async () => {
  await using room = new Room(4);
  const uploads: Awaited<ReturnType<Room["upload"]>>[] = [];
  for (const path of ["/a", "/b", "/c", "/d"]) {
    uploads.push(await room.upload(path));
  }
  const fifth = await room.client(NEXT);
  const isAnswered = () => fifth.received.includes("hello");
  const seconds = await secondsUntil(isAnswered, room, () =>
    // The third is the slowest, and all are faster than the least rate.
    Promise.all(uploads.map(({ send }, n) => send(n === 2 ? 140 : 200))));
  assertLess(seconds, 30);
  await uploads[2].client.ended;
  const [head, message] = uploads[2].client.received.split("\r\n\r\n");
  assertMatch(head, /^HTTP\/1\.1 408 .*\r\nconnection: close/is);
  assertStringIncludes(message, "too slowly while others waited");
  assertEquals(
    uploads.map(({ client }) => client.hasEnded),
    [false, false, true, false],
  );
  const [record] = room.exchanges.filter(({ status }) => status === 408);
  assertEquals(record.requestTarget, "/c");
  assertStringIncludes(String(record.error), "too slowly");
});

roomTest(
  "a client that is silent for half a second makes room just then",
  async () => {
    await using room = new Room(2);
    const silent = [await room.client(""), await room.client("")];
    const next = await room.client(NEXT);
    for (let passed = 0; passed < 900; passed += 300) {
      await room.clock.pass(
        300,
      );
    }
    await next.untilMore(1 - next.received.length);
    assertStringIncludes(next.received, "hello");
    assertEquals(silent.filter(({ hasEnded }) => hasEnded).length, 1);
  },
);

roomTest("as many as wait get room, one after the other", async () => {
  await using room = new Room(2);
  const uploads = [await room.upload("/a"), await room.upload("/b")];
  const waiting: Client[] = [];
  for (let count = 0; count < 2; count++) {
    // Not idle afterwards, so that the next must wait for another upload.
    waiting.push(await room.client("GET /work HTTP/1.1\r\nHost: h\r\n\r\n"));
  }
  const last = await room.client(NEXT);
  const seconds = await secondsUntil(
    () => uploads.every(({ client }) => client.hasEnded),
    room,
    () => Promise.all(uploads.map(({ send }) => send(140))),
  );
  assertLess(seconds, 30);
  room.work.resolve();
  await secondsUntil(
    () => last.received.includes("hello"),
    room,
    () => Promise.resolve(),
  );
  assertStringIncludes(last.received, "hello");
});

roomTest("fast uploads are never given up", async () => {
  await using room = new Room(2);
  const length = 61 * 20_000;
  const uploads = [
    await room.upload("/a", length),
    await room.upload("/b", length),
  ];
  const next = await room.client(NEXT);
  const sendOn = () => Promise.all(uploads.map(({ send }) => send(20_000)));
  assertEquals(await secondsUntil(() => next.hasEnded, room, sendOn), 60);
  assertEquals(next.received, "");
  await sendOn();
  await secondsUntil(() => next.received !== "", room, () => Promise.resolve());
  assertStringIncludes(next.received, "hello");
  for (const { client } of uploads) {
    assertStringIncludes(client.received, "stored");
  }
});

roomTest("what was fast and then trickles makes room as well", async () => {
  await using room = new Room(1);
  const { client, send } = await room.upload("/a");
  await send(5_000_000);
  const next = await room.client(NEXT);
  await secondsUntil(() => next.received !== "", room, () => send(140));
  assertStringIncludes(next.received, "hello");
  assertMatch(client.received, /^HTTP\/1\.1 408 /);
});

roomTest(
  "a handler at work is never given up, nor one that keeps its client waiting",
  async () => {
    await using room = new Room(2);
    const polling = await room.atWork("/work");
    const kept = await room.upload("/kept");
    await kept.send(10);
    const next = await room.client(NEXT);
    const nothing = () => Promise.resolve();
    assertEquals(await secondsUntil(() => next.hasEnded, room, nothing), 60);
    assertEquals([polling.hasEnded, kept.client.hasEnded], [false, false]);
    room.work.resolve();
    await secondsUntil(() => next.received !== "", room, nothing);
    assertStringIncludes(polling.received, "done");
  },
);

roomTest(
  "a client that takes nothing makes room, after slow uploads",
  async () => {
    await using room = new Room(3);
    const reading = await room.atWork("/download/fast");
    const slow = await room.atWork("/download/slow");
    slow.isSlow = true;
    const upload = await room.upload("/upload");
    const first = await room.client("GET /work HTTP/1.1\r\nHost: h\r\n\r\n");
    const sendOn = () =>
      Promise.all([upload.send(140), reading.untilMore(100_000)]);
    await secondsUntil(() => upload.client.hasEnded, room, sendOn);
    assertMatch(upload.client.received, /^HTTP\/1\.1 408 /);
    const second = await room.client(NEXT);
    const isAnswered = () => second.received.includes("hello");
    const readOn = () => reading.untilMore(100_000);
    assertLess(await secondsUntil(isAnswered, room, readOn), 60);
    assertEquals([reading.hasEnded, first.hasEnded], [false, false]);
    assert(
      room.exchanges.some(({ requestTarget }) =>
        requestTarget === "/download/slow"
      ),
    );
  },
);

roomTest("a handler that goes on regardless keeps no place", async () => {
  await using room = new Room(1);
  const { client } = await room.upload("/stubborn");
  const next = await room.client(NEXT);
  const isAnswered = () => next.received.includes("hello");
  const sendOn = () => client.send("x".repeat(140));
  assertLess(await secondsUntil(isAnswered, room, sendOn), 60);
  assertEquals([client.hasEnded, client.received], [true, ""]);
});
