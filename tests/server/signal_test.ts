/** When `request.signal` aborts: when the client is gone, and only then. */

import { assert, assertEquals } from "@std/assert";
import { once } from "node:events";
import { connect as netConnect } from "node:net";
import { type Handler, serve, type ServeOptions } from "../../mod.ts";
import { NEXT } from "../support/message_cases.ts";

const ignore = (await Deno.permissions.query({ name: "net" })).state !==
  "granted";
const octets = (text: string) => new TextEncoder().encode(text);

function listen(handler: Handler, options: ServeOptions = {}) {
  return serve(
    { hostname: "127.0.0.1", port: 0, onListen() {}, ...options },
    handler,
  );
}

const connect = ({ port }: Deno.NetAddr) =>
  Deno.connect({ hostname: "127.0.0.1", port });

/** Begins a request, and resets the connection when an octet has come back. */
async function breakOff(
  { addr }: { addr: Deno.NetAddr },
  request = NEXT,
): Promise<void> {
  const socket = netConnect(addr.port, addr.hostname);
  socket.write(request);
  await once(socket, "data");
  socket.resetAndDestroy();
  await once(socket, "close");
}

function aborted({ signal }: Request): Promise<unknown> {
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(signal.reason))
  );
}

Deno.test(
  "request.signal does not abort when all goes well",
  { ignore },
  async () => {
    const signals: AbortSignal[] = [];
    {
      await using server = listen(async (request) => {
        signals.push(request.signal);
        await request.text();
        return new Response(new Blob(["content"]).stream());
      });
      const url = `http://127.0.0.1:${server.addr.port}/`;
      for (const method of ["GET", "POST", "HEAD"]) {
        const body = method === "POST" ? "x" : undefined;
        await (await fetch(url, { method, body })).text();
      }
      const closing = { headers: { connection: "close" } };
      await (await fetch(url, closing)).text();
      using conn = await connect(server.addr);
      await conn.write(octets(NEXT));
      await conn.closeWrite();
      await new Response(conn.readable).text();
    }
    assertEquals(signals.map(({ aborted }) => aborted), [
      false,
      false,
      false,
      false,
      false,
    ]);
  },
);

Deno.test("request.signal aborts while the handler is at work", {
  ignore,
}, async () => {
  const told = Promise.withResolvers<unknown>();
  await using server = listen(async (request, info) => {
    await info.sendInformational(102);
    told.resolve(await aborted(request));
    return new Response("for nobody");
  });
  await breakOff(server);
  assertEquals(`${await told.promise}`, "AbortError: The client is gone");
});

Deno.test("request.signal does not abort for a client that has only sent FIN", {
  ignore,
}, async () => {
  const half = Promise.withResolvers<void>();
  const signals: AbortSignal[] = [];
  await using server = listen(async (request) => {
    if (request.url.endsWith("/other")) return new Response("other");
    signals.push(request.signal);
    await half.promise;
    return new Response("all the same");
  });
  using conn = await connect(server.addr);
  await conn.write(octets(NEXT));
  await conn.closeWrite();
  // Time enough for the FIN to be seen.
  const other = await fetch(`http://127.0.0.1:${server.addr.port}/other`);
  assertEquals(await other.text(), "other");
  half.resolve();
  assert((await new Response(conn.readable).text()).endsWith("all the same"));
  assertEquals(signals[0].aborted, false);
});

Deno.test("request.signal aborts for a client that has closed both ways", {
  ignore,
}, async () => {
  const begun = Promise.withResolvers<void>();
  const told = Promise.withResolvers<unknown>();
  await using server = listen(async (request) => {
    begun.resolve();
    told.resolve(await aborted(request));
    return new Response("for nobody");
  });
  const leaving = new AbortController();
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const asking = fetch(url, { signal: leaving.signal }).catch(() => {});
  await begun.promise;
  leaving.abort();
  await asking;
  assertEquals(`${await told.promise}`, "AbortError: The client is gone");
});

Deno.test("a stream that says nothing is cancelled when its client has left", {
  ignore,
}, async () => {
  const cancelled = Promise.withResolvers<void>();
  await using server = listen(
    () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(octets("x")),
          cancel: () => cancelled.resolve(),
        }),
      ),
    { timeouts: { halfClosed: 200 } },
  );
  const leaving = new AbortController();
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const { body } = await fetch(url, { signal: leaving.signal });
  const reader = body!.getReader();
  await reader.read();
  leaving.abort();
  await reader.closed.catch(() => {});
  await cancelled.promise;
});

Deno.test(
  "a client that has sent FIN is asked, and gets its answer all the same",
  {
    ignore,
  },
  async () => {
    const asked = Promise.withResolvers<Response>();
    await using server = listen(() => asked.promise);
    using conn = await connect(server.addr);
    await conn.write(octets(NEXT));
    await conn.closeWrite();
    const read = new Uint8Array(4096);
    let text = "";
    while (text.split("100 Continue").length < 3) {
      text += new TextDecoder().decode(
        read.subarray(0, (await conn.read(read))!),
      );
    }
    asked.resolve(new Response("all the same"));
    assert((await new Response(conn.readable).text()).endsWith("all the same"));
  },
);

const POST = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx";

Deno.test("request.signal aborts once the content is read", {
  ignore,
}, async () => {
  const told = Promise.withResolvers<unknown>();
  await using server = listen(async (request, info) => {
    await request.text();
    await info.sendInformational(102);
    told.resolve(await aborted(request));
    return new Response("for nobody");
  });
  await breakOff(server, POST);
  assertEquals(`${await told.promise}`, "AbortError: The client is gone");
});

Deno.test("request.signal aborts when a write fails", { ignore }, async () => {
  const gone = Promise.withResolvers<void>();
  const told = Promise.withResolvers<unknown>();
  await using server = listen(async ({ signal }, info) => {
    await info.sendInformational(102);
    await gone.promise;
    // The first that fails says it.
    while (await info.sendInformational(102).then(() => true, () => false));
    told.resolve(signal.reason);
    return new Response("for nobody");
  });
  await breakOff(server, POST);
  gone.resolve();
  assertEquals(`${await told.promise}`, "AbortError: The client is gone");
});

Deno.test(
  "request.signal aborts in the middle of a response, and its body is cancelled",
  {
    ignore,
  },
  async () => {
    const told = Promise.withResolvers<unknown>();
    const cancelled = Promise.withResolvers<void>();
    await using server = listen((request) => {
      aborted(request).then(told.resolve);
      return new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(1 << 16)),
          cancel: () => cancelled.resolve(),
        }),
      );
    });
    const conn = await connect(server.addr);
    await conn.write(octets(NEXT));
    await conn.read(new Uint8Array(1000));
    conn.close();
    assertEquals(`${await told.promise}`, "AbortError: The client is gone");
    await cancelled.promise;
  },
);

Deno.test(
  "request.signal of a copy that was made later follows",
  { ignore },
  async () => {
    const told = Promise.withResolvers<boolean>();
    await using server = listen(async (request, info) => {
      await info.sendInformational(102);
      const { signal } = request;
      const copy = new Request(request, { signal });
      await aborted(copy);
      told.resolve(copy.signal.aborted && signal.aborted);
      return new Response();
    });
    await breakOff(server);
    assert(await told.promise);
  },
);

Deno.test("info.fieldLines are as they were sent", { ignore }, async () => {
  await using server = listen((_request, info) =>
    Response.json(info.fieldLines)
  );
  using conn = await connect(server.addr);
  await conn.write(octets(
    "GET / HTTP/1.1\r\nHOST: h\r\nX-b: 2\r\nx-A:1\r\nX-B: 3\r\nConnection: close\r\n\r\n",
  ));
  const answer = await new Response(conn.readable).text();
  assertEquals(JSON.parse(answer.split("\r\n\r\n")[1]), [
    ["HOST", "h"],
    ["X-b", "2"],
    ["x-A", "1"],
    ["X-B", "3"],
    ["Connection", "close"],
  ]);
});

Deno.test(
  "connections are counted, and a shutdown has a deadline",
  { ignore },
  async () => {
    const begun = Promise.withResolvers<void>();
    const server = listen(async (request) => {
      begun.resolve();
      await aborted(request);
      return new Response();
    });
    assertEquals(server.connections, { open: 0, idle: 0, active: 0 });
    using conn = await connect(server.addr);
    await conn.write(octets(NEXT));
    await begun.promise;
    assertEquals(server.connections, { open: 1, idle: 0, active: 1 });
    const from = performance.now();
    await server.shutdown({ deadline: 50 });
    assert(performance.now() - from < 5000);
    assertEquals(server.connections, { open: 0, idle: 0, active: 0 });
  },
);
