/**
 * What a handler does not look after ends no process where a client, or a callback,
 * is the cause; nor does whatever brings connections.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { deadline } from "@std/async/deadline";
import { ConnectionLost, serve } from "../../mod.ts";
import {
  type Case,
  endless,
  fail,
  failures,
  noNet,
  reports,
  STRAY,
  tryCase,
  turn,
  untaken,
} from "./misbehaving.ts";

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
      const { response, socket } = info.upgrade({ protocol: "echo" });
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
