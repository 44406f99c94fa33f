/** What a handler must be told is in its type, and what is made of it asks no more. */

import { assertEquals } from "@std/assert";
import type { Handler, HandlerInfo, PortableInfo } from "../../lib/handler.ts";
import { compress } from "../../lib/handlers/compression.ts";
import { csrf } from "../../lib/handlers/csrf.ts";
import { timeout } from "../../lib/handlers/timeout.ts";
import { mount, on, route } from "../../lib/router/router.ts";
import { localInfo } from "../support/local_info.ts";

const request = new Request("http://localhost/a/7");

const denoInfo: Deno.ServeHandlerInfo<Deno.NetAddr> = {
  remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 50000 },
  completed: Promise.resolve(),
};

async function textOf(response: Response | Promise<Response>): Promise<string> {
  return await (await response).text();
}

Deno.test("a handler for this server finds all members there", async () => {
  const handler: Handler = csrf(timeout(
    Infinity,
    route([
      { pattern: "/b", handler: (_request, info) => respond(info.localAddr) },
      { pattern: "/c", handler: compress((_request, _info) => respond("c")) },
      on(
        "GET",
        "/a/:id",
        (_request, { id }, info) =>
          respond([id, info.requestTarget, info.fieldLines.length]),
      ),
    ]),
  ));
  assertEquals(await textOf(handler(request, localInfo)), '["7","/",0]');
});

Deno.test("one that says so runs under both", async () => {
  const portable: Handler<PortableInfo> = (_request, info) =>
    respond(info.requestTarget ?? "not told");
  const handler = csrf(
    route([...mount("/b", [on("GET", "/c", ok)])], portable),
  );
  const forDeno: Deno.ServeHandler = handler;
  const forThis: Handler = handler;
  assertEquals(await textOf(forThis(request, localInfo)), '"/"');
  assertEquals(
    await textOf(forDeno(request, denoInfo)),
    '"not told"',
  );
});

Deno.test("one for this server alone is none for Deno.serve", async () => {
  const handler = compress(route([
    on("GET", "/a/:id", ok),
    on(
      "GET",
      "/b",
      (_request, _parameters, info: HandlerInfo) => respond(info.localAddr),
    ),
  ]));
  // @ts-expect-error: it is told too little
  const forDeno: Deno.ServeHandler = handler;
  assertEquals(await textOf(forDeno(request, denoInfo)), '"ok"');
});

function ok(): Response {
  return respond("ok");
}

function respond(value: unknown): Response {
  return Response.json(value);
}
