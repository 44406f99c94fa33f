/**
 * Whatever a callback does, the process lives, its error is reported once, and
 * the next client is served: each callback with each way to misbehave.
 */

import { assertEquals } from "@std/assert";
import { once } from "node:events";
import { createConnection } from "node:net";
import { HttpError, serve } from "../../mod.ts";
import {
  ask,
  type Case,
  endless,
  failures,
  garbage,
  HONEST,
  isStray,
  noNet,
  statusLine,
  STRAY,
  tryCase,
  type Way,
} from "./misbehaving.ts";

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
      sendInformational(102).then(way);
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
        {
          port: 0,
          hostname: "127.0.0.1",
          onListen() {},
          // What never settles is waited for that long.
          timeouts: { shutdown: 100 },
          ...options,
        },
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
