/**
 * Whatever a callback does, the process lives, its error is reported once, and
 * the next client is served.
 *
 * Each callback is tried with each way to misbehave, at the socket. An error or a
 * rejection that reached the runtime would end a process; here it is counted.
 */

import { once } from "node:events";
import { createConnection } from "node:net";
import { assertEquals, assertThrows } from "@std/assert";
import { deadline } from "@std/async/deadline";
import {
  ConnectionLost,
  type Handler,
  HttpError,
  serve,
  type ServeOptions,
} from "../../mod.ts";

const noNet = (await Deno.permissions.query({ name: "net" })).state !==
  "granted";

/** The ways to misbehave. `any`, because no callback's type allows them all. */
// deno-lint-ignore no-explicit-any
type Way = () => any;

const fail = () => {
  throw new Error("stray");
};
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/** Those that end in an error of its own. */
const failures: Record<string, Way> = {
  "throws": fail,
  "rejects": () => Promise.reject(new Error("stray")),
  "rejects later": () => turn().then(fail),
  "is a thenable that throws": () => ({ then: fail }),
  "has a then that throws": () =>
    Object.defineProperty({}, "then", { get: fail }),
};

/** Those that return what was not asked for. */
const garbage: Record<string, Way> = {
  "returns nothing": () => undefined,
  "promises nothing": () => Promise.resolve(),
  "returns text": () => "garbage",
  "returns an empty Response": () => Object.create(Response.prototype),
  "promises an empty Response": () =>
    turn().then(() => Object.create(Response.prototype)),
  "returns an error Response": () => Response.error(),
  "returns a Response that was read": () => {
    const response = new Response("read");
    response.text();
    return response;
  },
  "returns a Response of another realm": () => ({
    status: 200,
    headers: new Headers(),
    body: null,
    text: () => Promise.resolve("foreign"),
  }),
  "returns a Response without a status": () => {
    class Odd extends Response {
      override get status() {
        return NaN;
      }
    }
    return new Odd("odd");
  },
};

interface Case {
  options?: Partial<ServeOptions>;
  handler?: Handler;
  /** What is sent. Default: a GET of `/stray`. */
  request?: string;
  /** Whether the client leaves instead of waiting for an answer. */
  leaves?: boolean;
  /** The status of the answer. Default 200. */
  status?: number;
  /** How many errors are reported. Default 1. */
  reports?: number | "some";
  /** What each of them names. Default: the request. */
  names?: string;
}

const STRAY =
  "GET /stray?secret=1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
const HONEST = "GET /honest HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
const isStray = ({ url }: Request) => url.includes("/stray");
const endless = () =>
  new Response(
    new ReadableStream({
      async pull(controller) {
        await turn();
        controller.enqueue(new Uint8Array(100_000));
      },
    }),
  );

/** What reaches the runtime, which would end a process. */
function untaken() {
  const events: unknown[] = [];
  const onRejection = (event: PromiseRejectionEvent) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    events.push(event.reason);
  };
  // Who takes it may do so after this; if nobody does, the test fails at once.
  const onError = (event: ErrorEvent) =>
    queueMicrotask(() => {
      if (!event.defaultPrevented) events.push(event.error);
    });
  globalThis.addEventListener("unhandledrejection", onRejection);
  globalThis.addEventListener("error", onError);
  return {
    events,
    [Symbol.dispose]() {
      globalThis.removeEventListener("unhandledrejection", onRejection);
      globalThis.removeEventListener("error", onError);
    },
  };
}

/** Keeps what goes to the standard error. */
function reports() {
  const { error } = console;
  const all: string[] = [];
  let news = Promise.withResolvers<void>();
  console.error = (...parts: unknown[]) => {
    all.push(parts.map(String).join(" "));
    news.resolve();
  };
  return {
    all,
    async until(count: number) {
      while (all.length < count) {
        await news.promise;
        news = Promise.withResolvers();
      }
    },
    [Symbol.dispose]() {
      console.error = error;
    },
  };
}

async function ask(port: number, request: string): Promise<string> {
  using client = await Deno.connect({ hostname: "127.0.0.1", port });
  await client.write(new TextEncoder().encode(request));
  let answer = "";
  const buffer = new Uint8Array(4096);
  for (;;) {
    const count = await client.read(buffer);
    if (count === null) return answer;
    answer += new TextDecoder().decode(buffer.subarray(0, count));
  }
}

/** Reads the first octets of an answer, if it is to have begun, and leaves. */
async function leave(port: number, request: string): Promise<void> {
  using client = await Deno.connect({ hostname: "127.0.0.1", port });
  await client.write(new TextEncoder().encode(request));
  await client.read(new Uint8Array(1));
}

async function tryCase(it: Case): Promise<void> {
  const { request = STRAY, status = 200, reports: count = 1 } = it;
  using told = reports();
  const handler: Handler = (request, info) =>
    isStray(request) && it.handler
      ? it.handler(request, info)
      : new Response("fine");
  await using server = serve(
    { port: 0, hostname: "127.0.0.1", onListen() {}, ...it.options },
    handler,
  );
  // After `serve`, whose own listener comes first.
  using runtime = untaken();
  const { port } = server.addr;
  if (it.leaves) await leave(port, request);
  else {
    const answer = await deadline(ask(port, request), 20_000);
    assertEquals(answer.split("\r\n", 1), [statusLine(status)], answer);
  }
  const expected = count === "some" ? 1 : count;
  await deadline(told.until(expected), 20_000).catch(() => {});
  assertEquals(
    (await deadline(ask(port, HONEST), 20_000)).split("\r\n", 1),
    [statusLine(200)],
  );
  await turn();
  await turn();
  assertEquals(runtime.events, []);
  if (count === "some") assertEquals(told.all.length > 0, true);
  else assertEquals(told.all.length, count, told.all.join("\n"));
  const name = it.names ?? "GET /stray:";
  for (const line of told.all) assertEquals(line.includes(name), true, line);
  assertEquals(told.all.join().includes("secret"), false);
}

function statusLine(status: number): string {
  const reason = {
    200: "OK",
    400: "Bad Request",
    500: "Internal Server Error",
  };
  return `HTTP/1.1 ${status} ${reason[status as 200]}`;
}

/** A callback whose Response is used: whatever comes instead is a 500. */
const answering: Record<string, (way: Way) => Case> = {
  "handler": (way) => ({ handler: way }),
  "onError": (way) => ({
    handler: () => {
      throw new Error("first");
    },
    options: { onError: way },
  }),
  "errorResponse": (way) => ({
    handler: () => {
      throw new HttpError(404, "There is nothing");
    },
    options: { errorResponse: way },
  }),
  "errorResponse to a broken request": (way) => ({
    request: "GET /stray HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n",
    options: { errorResponse: way },
  }),
  "connect": (way) => ({
    request: "CONNECT stray:1 HTTP/1.1\r\nHost: stray:1\r\n\r\n",
    options: { connect: way },
    names: "CONNECT stray:1:",
  }),
};

/** A callback whose result is nobody's business. */
const told: Record<string, (way: Way) => Case> = {
  "onExchange": (way) => ({
    options: {
      onExchange: ({ requestTarget }) =>
        requestTarget?.startsWith("/stray") ? way() : undefined,
    },
  }),
  "observer.connection": (way) => ({
    options: { observer: { connection: way } },
    reports: "some",
    names: "",
  }),
  ...Object.fromEntries(
    (["received", "sent", "moved"] as const).map((name) => [
      `observer.${name}`,
      (way: Way): Case => {
        const watcher = { received() {}, sent() {}, moved() {}, [name]: way };
        const observer = { connection: () => watcher };
        return { options: { observer }, reports: "some", names: "" };
      },
    ]),
  ),
  "completed.then()": (way) => ({
    handler(_request, { completed }) {
      completed.then(way);
      return new Response();
    },
  }),
  "completed.finally() of a client that leaves": (way) => ({
    handler(_request, { completed }) {
      completed.finally(way);
      return endless();
    },
    leaves: true,
  }),
  "completed.then().then().finally()": (way) => ({
    handler(_request, { completed }) {
      completed.then(() => {}).then(way).finally(() => {});
      return new Response();
    },
  }),
  "sendInformational().then()": (way) => ({
    handler(_request, { sendInformational }) {
      sendInformational!(102).then(way);
      return new Response();
    },
    request: STRAY.replace("1.1", "1.0"),
  }),
};

for (const [callback, make] of Object.entries(answering)) {
  for (const [name, way] of Object.entries({ ...failures, ...garbage })) {
    Deno.test({
      name: `${callback} ${name}: 500`,
      ignore: noNet,
      fn: () => tryCase({ ...make(way), status: 500 }),
    });
  }
}

for (const [callback, make] of Object.entries(told)) {
  for (const [name, way] of Object.entries({ ...failures, ...garbage })) {
    const reports = name in failures ? make(way).reports : 0;
    Deno.test({
      name: `${callback} ${name}: nothing else changes`,
      ignore: noNet,
      fn: () => tryCase({ ...make(way), reports }),
    });
  }
}

const short = STRAY.replace("GET", "POST")
  .replace("\r\n\r\n", "\r\nContent-Length: 9\r\n\r\nabc");

const others: Record<string, Case> = {
  "listeners of request.signal throw": {
    handler({ signal }) {
      signal.addEventListener("abort", fail);
      signal.onabort = fail;
      return endless();
    },
    leaves: true,
    reports: 2,
  },
  "await info.completed, in a function that nobody awaits": {
    handler(_request, info) {
      (async () => await info.completed)();
      return endless();
    },
    leaves: true,
    reports: 0,
  },
  "content is read, and nobody waits for it": {
    handler(request) {
      request.text().then(() => {});
      return new Response("early");
    },
    request: short,
    reports: 0,
  },
  "content is too short, and nobody waits for it": {
    handler(request) {
      request.text().then(() => {});
      return endless();
    },
    request: short,
    leaves: true,
    reports: 0,
  },
  "request.signal aborts something that nobody waits for": {
    handler({ signal }) {
      const { promise, reject } = Promise.withResolvers();
      signal.addEventListener("abort", () => reject(signal.reason));
      promise.then(() => {});
      return endless();
    },
    leaves: true,
    reports: 0,
  },
  "a body fails when it is read": {
    handler: () => new Response(new ReadableStream({ pull: fail })),
  },
  "a body fails later": {
    handler: () =>
      new Response(
        new ReadableStream({
          async pull(controller) {
            controller.enqueue(new Uint8Array(1));
            await turn();
            fail();
          },
        }, { highWaterMark: 0 }),
      ),
    leaves: true,
  },
  "a body fails when it is cancelled": {
    handler: () =>
      new Response(
        new ReadableStream({
          async pull(controller) {
            await turn();
            controller.enqueue(new Uint8Array(100_000));
          },
          cancel: fail,
        }),
      ),
    leaves: true,
    reports: 0,
  },
  "an upgrade is copied, and nobody waits for it": {
    handler(_request, info) {
      const { response, socket } = info.upgrade!({ protocol: "echo" });
      socket.readable.pipeTo(socket.writable).then(() => {});
      return response;
    },
    request: STRAY.replace("close", "upgrade\r\nUpgrade: echo"),
    leaves: true,
    reports: 0,
  },
};

for (const [name, it] of Object.entries(others)) {
  Deno.test({ name, ignore: noNet, fn: () => tryCase(it) });
}

Deno.test({
  name: "info.completed rejects for who awaits it, and is a Promise",
  ignore: noNet,
  async fn() {
    const { promise, resolve } = Promise.withResolvers<unknown[]>();
    await tryCase({
      async handler(_request, { completed }) {
        const isPromise = completed instanceof Promise;
        completed.then(() => 1).catch((error) => resolve([isPromise, error]));
        await turn();
        return endless();
      },
      leaves: true,
      reports: 0,
    });
    const [isPromise, error] = await deadline(promise, 20_000);
    assertEquals(isPromise, true);
    assertEquals(error instanceof ConnectionLost, true);
  },
});

for (const callback of ["handler", "onError", "errorResponse"]) {
  Deno.test({
    name: `${callback} never settles: its client may leave, others are served`,
    ignore: noNet,
    async fn() {
      const asked = Promise.withResolvers<void>();
      const never: Way = () => {
        asked.resolve();
        return new Promise(() => {});
      };
      const { handler, options } = answering[callback](never);
      await using server = serve(
        { port: 0, hostname: "127.0.0.1", onListen() {}, ...options },
        (request, info) =>
          isStray(request) ? handler!(request, info) : new Response("fine"),
      );
      const { port } = server.addr;
      const client = createConnection(port, "127.0.0.1");
      client.write(HONEST.replace("close", "x") + STRAY);
      // The answer before it does not wait, whatever becomes of this one.
      await Promise.all([once(client, "data"), asked.promise]);
      assertEquals((await ask(port, HONEST)).split("\r\n", 1), [
        statusLine(200),
      ]);
      assertEquals(server.connections.active, 1);
      client.resetAndDestroy();
      await once(client, "close");
      for (
        let tries = 0;
        server.connections.open > 0 && tries < 1000;
        tries++
      ) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      assertEquals(server.connections.open, 0);
    },
  });
}

Deno.test({
  name: "onListen that throws leaves no port open",
  ignore: noNet,
  fn() {
    let port = 0;
    const onListen = (addr: Deno.NetAddr) => {
      port = addr.port;
      fail();
    };
    const where = { port: 0, hostname: "127.0.0.1" };
    assertThrows(
      () => serve({ ...where, onListen }, () => new Response()),
      Error,
      "stray",
    );
    Deno.listen({ ...where, port }).close();
  },
});

Deno.test({
  name: "a signal that is none leaves no port open",
  ignore: noNet,
  fn() {
    let port = 0;
    const options = {
      port: 0,
      hostname: "127.0.0.1",
      onListen: (addr: Deno.NetAddr) => port = addr.port,
      signal: {} as AbortSignal,
    };
    assertThrows(() => serve(options, () => new Response()), TypeError);
    Deno.listen({ port, hostname: "127.0.0.1" }).close();
  },
});

for (const [name, way] of Object.entries(failures)) {
  if (name === "throws") continue;
  Deno.test({
    name: `onListen ${name}: it is reported, and the server runs`,
    ignore: noNet,
    fn: () => tryCase({ options: { onListen: way }, names: "stray" }),
  });
}

for (const [name, way] of Object.entries(failures)) {
  for (const method of ["next", "return"]) {
    Deno.test(`a listener whose ${method}() ${name} ends the server, and no more`, async () => {
      using told = reports();
      const { promise, resolve } = Promise.withResolvers<
        IteratorResult<never>
      >();
      const pairs = {
        next: () => promise,
        return: () => Promise.resolve({ done: true, value: undefined }),
        [method]: way,
        [Symbol.asyncIterator]: () => pairs,
      };
      const server = serve({ listener: pairs as never }, () => new Response());
      using runtime = untaken();
      if (method === "return") await server.shutdown();
      await deadline(server.finished, 20_000);
      resolve({ done: true, value: undefined as never });
      await deadline(told.until(1), 20_000);
      await turn();
      assertEquals(told.all, ["Error: stray"]);
      assertEquals(runtime.events, []);
    });
  }
}

Deno.test({
  name: "a listener that its owner has closed ends the server, and no more",
  ignore: noNet,
  async fn() {
    using told = reports();
    const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
    const server = serve({ listener, onListen() {} }, () => new Response());
    using runtime = untaken();
    listener.close();
    await deadline(server.finished, 20_000);
    await turn();
    assertEquals(told.all, []);
    assertEquals(runtime.events, []);
  },
});
