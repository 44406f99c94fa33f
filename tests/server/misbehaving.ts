/**
 * Callbacks that misbehave, and a server that must not mind.
 *
 * A misbehaving request and an honest one go to a server on a socket. An error or a
 * rejection that reached the runtime would end a process; here it is counted.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { deadline } from "@std/async/deadline";
import { type Handler, serve, type ServeOptions } from "../../mod.ts";

/** Whether no socket can be had. */
export const noNet: boolean =
  (await Deno.permissions.query({ name: "net" })).state !== "granted";

/** The ways to misbehave. `any`, because no callback's type allows them all. */
// deno-lint-ignore no-explicit-any
export type Way = () => any;

export const fail = () => {
  throw new Error("stray");
};
export const turn = () =>
  new Promise<void>((resolve) => setTimeout(resolve, 0));

/** Those that end in an error of its own. */
export const failures: Record<string, Way> = {
  "throws": fail,
  "rejects": () => Promise.reject(new Error("stray")),
  "rejects later": () => turn().then(fail),
  "is a thenable that throws": () => ({ then: fail }),
  "has a then that throws": () =>
    Object.defineProperty({}, "then", { get: fail }),
};

/** Those that return what was not asked for. */
export const garbage: Record<string, Way> = {
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

export interface Case {
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

export const STRAY =
  "GET /stray?secret=1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
export const HONEST =
  "GET /honest HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
export const isStray = ({ url }: Request) => url.includes("/stray");
export const endless = () =>
  new Response(
    new ReadableStream({
      async pull(controller) {
        await turn();
        controller.enqueue(new Uint8Array(100_000));
      },
    }),
  );

/** What reaches the runtime, which would end a process. */
export function untaken() {
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
export function reports() {
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

export async function ask(port: number, request: string): Promise<string> {
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

export async function tryCase(it: Case): Promise<void> {
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

export function statusLine(status: number): string {
  const reason = {
    200: "OK",
    400: "Bad Request",
    500: "Internal Server Error",
  };
  return `HTTP/1.1 ${status} ${reason[status as 200]}`;
}
