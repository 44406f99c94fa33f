/**
 * One handler for both trees. The first segment of the path says what it does
 * with the request, and how it answers; any other tells what it was given. It
 * waits for nothing but the request, so no clock decides what happens when.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { ConnectHandler, Handler, HandlerInfo } from "../../mod.ts";
import type { Library } from "./tree.ts";

/** Told what a handler has seen on the connection of `info`. */
export type Note = (info: HandlerInfo, text: string) => void;

type Behavior = Handler;

/** Makes the handlers of a tree. */
export function makeHandlers(
  library: Library,
  note: Note,
): { handler: Handler; connect: ConnectHandler } {
  const behaviors = new Map(
    Object.entries({
      ...contentReaders,
      ...answers,
      ...exchanges(library, note),
    }),
  );
  return {
    handler(request, info) {
      const path = request.url.slice(request.url.indexOf("/", 7) + 1);
      const name = path.slice(0, path.search(/[/?#]|$/));
      return (behaviors.get(name) ?? describe)(request, info);
    },
    connect(authority, info) {
      if (authority !== "h:443") throw new library.HttpError(403, "No tunnel");
      return reflect(info, undefined, note);
    },
  };
}

/** The names that a path can begin with. */
export function behaviorNames(): string[] {
  const nothing = {} as Library;
  return Object.keys({
    ...contentReaders,
    ...answers,
    ...exchanges(nothing, () => {}),
  });
}

const characters = (octets: Uint8Array) =>
  Buffer.from(octets.buffer, octets.byteOffset, octets.length)
    .toString("latin1");

async function describe(request: Request): Promise<Response> {
  const { method, url, headers } = request;
  const content = characters(await request.bytes());
  return new Response(JSON.stringify([method, url, [...headers], content]));
}

/** All ways to take content, and to leave it. */
const contentReaders: Record<string, Behavior> = {
  text: async (request) => new Response(await request.text()),
  json: async (request) => Response.json(await request.json()),
  bytes: async (request) => new Response(await request.bytes()),
  arrayBuffer: async (request) => new Response(await request.arrayBuffer()),
  async blob(request) {
    const blob = await request.blob();
    return new Response(`${blob.type} ${await blob.text()}`);
  },
  async formData(request) {
    const parts = [];
    for (const [name, value] of await request.formData()) {
      parts.push([
        name,
        typeof value === "string" ? value : [value.name, await value.text()],
      ]);
    }
    return Response.json(parts);
  },
  async clone(request) {
    const twin = request.clone();
    return new Response(`${await twin.text()}|${await request.text()}`);
  },
  async copy(request) {
    const copy = new Request(request);
    return new Response(`${request.bodyUsed} ${await copy.text()}`);
  },
  async twice(request) {
    const first = await request.text();
    const used = request.bodyUsed;
    const second = await request.text().catch(({ name }) => name);
    return new Response(`${first} ${used} ${second}`);
  },
  async stream({ body }) {
    let octets = "";
    for await (const some of body ?? []) octets += characters(some);
    return new Response(octets);
  },
  async part({ body }) {
    const reader = body?.getReader({ mode: "byob" });
    const read = await reader?.read(new Uint8Array(3), { min: 3 });
    reader?.releaseLock();
    return new Response(`part ${characters(read?.value ?? new Uint8Array())}`);
  },
  async cancel({ body }) {
    await body?.cancel();
    return new Response("cancelled");
  },
  piped: ({ body }) => new Response(body),
  unread: () => new Response("unread"),
  later: async () => {
    await turns(5);
    return new Response("later");
  },
  async late(request) {
    await turns(20);
    return new Response(await request.text());
  },
};

/** All kinds of Responses, right and wrong. */
const answers: Record<string, Behavior> = {
  empty: () => new Response(null, { status: 204 }),
  unchanged: () =>
    new Response(null, { status: 304, headers: { etag: '"a"' } }),
  nothing: () => new Response(),
  fields: () =>
    new Response("two fields", { headers: { "X-One": "1", "x-two": "2" } }),
  cookies() {
    const headers = new Headers({ date: "never", connection: "close" });
    headers.append("set-cookie", "a=b");
    headers.append("set-cookie", "c=d");
    headers.append("vary", "x");
    headers.append("vary", "y");
    return new Response("caf\xe9", { headers, statusText: "Fine" });
  },
  octets: () => new Response(Uint8Array.of(0, 13, 10, 255)),
  blobs: () => new Response(new Blob(["blob"], { type: "text/x" })),
  search: () => new Response(new URLSearchParams({ a: "b c" })),
  redirect: () => Response.redirect("http://h/there"),
  error: () => Response.error(),
  large: () => new Response("0123456789abcdef".repeat(5000)),
  chunks: () => new Response(chunks("one", "two", "", "three")),
  sized: () =>
    new Response(chunks("one", "two"), { headers: { "content-length": "6" } }),
  short: () =>
    new Response(chunks("one"), { headers: { "content-length": "6" } }),
  long: () =>
    new Response(chunks("one", "two"), { headers: { "content-length": "4" } }),
  broken: () => new Response(chunks("one", new Error("It broke"))),
  failing: () => new Response(chunks(new Error("It fails"))),
  used() {
    const response = new Response("used");
    response.body?.getReader();
    return response;
  },
  // deno-lint-ignore no-explicit-any -- what a handler must not return
  wrong: () => "no response" as any,
  thrown() {
    throw new Error("Thrown");
  },
  rejected: () => Promise.reject(new TypeError("Rejected")),
};

/** What needs the library, or tells of the exchange. */
function exchanges(library: Library, note: Note): Record<string, Behavior> {
  const refusal = () =>
    new library.HttpError(409, "There is a conflict", {
      headers: { "x-why": "it is so" },
    });
  return {
    echo(request) {
      try {
        return new Response(
          decodeURIComponent(new URL(request.url).pathname.slice(6)),
        );
      } catch {
        throw new library.HttpError(400, "Not percent-encoded UTF-8");
      }
    },
    "user-agent": ({ headers }) =>
      new Response(Buffer.from(headers.get("user-agent") ?? "", "latin1")),
    refused() {
      throw refusal();
    },
    async refusedLater(request) {
      await request.text();
      throw refusal();
    },
    async early(_request, info) {
      await info.sendInformational(103, { link: "</a.css>" });
      return new Response("after 103");
    },
    async trailers(request, info) {
      info.responseTrailers.set("x-trailer", "set");
      const content = await request.text();
      const told = [...info.requestTrailers ?? []].join(";");
      return new Response(chunks(content, told), {
        headers: { trailer: "x-trailer" },
      });
    },
    info: (_request, { requestTarget, fieldLines, localAddr }) =>
      Response.json([requestTarget, fieldLines, localAddr]),
    upgrade: (_request, info) => reflect(info, "echo", note),
    completed(request, info) {
      request.signal.addEventListener("abort", () => note(info, "aborted"));
      info.completed.then(
        () => note(info, "completed"),
        ({ name }) => note(info, `failed with ${name}`),
      );
      return new Response(chunks("completed"));
    },
  };
}

/** Sends back what comes, once the connection has left HTTP. */
function reflect(
  info: HandlerInfo,
  protocol: string | undefined,
  note: Note,
): Response {
  const { response, socket } = info.upgrade({ protocol });
  socket.readable.pipeTo(socket.writable).then(
    () => note(info, "reflected"),
    ({ name }) => note(info, `not reflected: ${name}`),
  );
  return response;
}

/** Each piece comes a few promises after the last; an Error breaks the stream. */
function chunks(...pieces: (string | Error)[]): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream({
    async pull(controller) {
      await turns(10);
      const piece = pieces[next++];
      if (piece === undefined) controller.close();
      else if (piece instanceof Error) controller.error(piece);
      else controller.enqueue(new TextEncoder().encode(piece));
    },
  });
}

async function turns(count: number): Promise<void> {
  for (; count > 0; count--) await undefined;
}
