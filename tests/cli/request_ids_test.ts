/** Which id a request gets, and who is told. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { delay } from "@std/async/delay";
import { RequestIds } from "../../lib/cli/request_ids.ts";
import { HttpError } from "../../lib/errors.ts";
import type { Exchange } from "../../lib/observer.ts";
import { toErrorResponse } from "../../lib/server/error_response.ts";
import { localInfo } from "../support/local_info.ts";
import { mayRunCommand, Site, startCommand } from "./command.ts";

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const trace = "0af7651916cd43dd8448eb211c80319c";
const parent = "b7ad6b7169203331";

/** The id of a response to a request with these fields. */
async function idOf(headers: HeadersInit, isTrusted = () => true) {
  const { handler } = new RequestIds(isTrusted).name({
    handler: () => new Response("a"),
    errorResponse: toErrorResponse,
  });
  const request = new Request("http://localhost/", { headers });
  const response = await handler(request, localInfo);
  return response.headers.get("x-request-id")!;
}

for (const id of ["a", "A-1_b.c", "x".repeat(128)]) {
  Deno.test(`a trusted proxy may say ${id.slice(0, 10)}`, async () => {
    assertEquals(await idOf({ "x-request-id": id }), id);
  });
}

for (const id of ["", "a b", 'a"', "a,b", "\xe9", "x".repeat(129)]) {
  Deno.test(`it may not say ${JSON.stringify(id.slice(0, 10))}`, async () => {
    assertMatch(await idOf({ "x-request-id": id }), uuid);
  });
}

Deno.test("two ids are none", async () => {
  const twice: [string, string][] = [
    ["x-request-id", "a"],
    ["x-request-id", "b"],
  ];
  assertMatch(await idOf(twice), uuid);
});

for (
  const [value, isTaken] of [
    [`00-${trace}-${parent}-01`, true],
    [`cc-${trace}-${parent}-01`, true],
    [`cc-${trace}-${parent}-01-what-comes-later`, true],
    [`cc-${trace}-${parent}-01x`, false],
    [`00-${trace}-${parent}-01-`, false],
    [`00-${trace}-${parent}-01x`, false],
    [`ff-${trace}-${parent}-01`, false],
    [`00-${trace.toUpperCase()}-${parent}-01`, false],
    [`00-${"0".repeat(32)}-${parent}-01`, false],
    [`00-${trace}-${"0".repeat(16)}-01`, false],
    [`00-${trace}-${parent}`, false],
    [`00-${trace}-${parent}-01, 00-${trace}-${parent}-01`, false],
    ["", false],
  ] as const
) {
  Deno.test(`traceparent "${value}" ${isTaken ? "is" : "is not"} one`, async () => {
    const id = await idOf({ traceparent: value });
    if (isTaken) assertEquals(id, trace);
    else assertMatch(id, uuid);
  });
}

Deno.test("X-Request-Id comes before traceparent", async () => {
  const traceparent = `00-${trace}-${parent}-01`;
  assertEquals(await idOf({ "x-request-id": "a", traceparent }), "a");
  assertEquals(await idOf({ "x-request-id": "a b", traceparent }), trace);
});

Deno.test("of others nothing is taken", async () => {
  const traceparent = `00-${trace}-${parent}-01`;
  const headers = { "x-request-id": "a", traceparent };
  const id = await idOf(headers, () => false);
  assertMatch(id, uuid);
  assert(id !== await idOf(headers, () => false));
});

Deno.test("the proxy is trusted, and not the client that it tells of", async () => {
  const asked: string[] = [];
  const ids = new RequestIds((hostname) => asked.push(hostname) > 0);
  const { handler } = ids.name({
    handler: () => new Response(),
    errorResponse: toErrorResponse,
  });
  const address = (hostname: string) =>
    ({ transport: "tcp", hostname, port: 1 }) as const;
  const info = {
    ...localInfo,
    remoteAddr: address("192.0.2.1"),
    peerAddr: address("10.0.0.7"),
  };
  await handler(new Request("http://localhost/"), info);
  assertEquals(asked, ["10.0.0.7"]);
});

Deno.test("the answer to an error has the id of its request", async () => {
  const ids = new RequestIds(() => true);
  const thrown = [new HttpError(404, "No tea"), new TypeError("a mistake")];
  const { handler, errorResponse, onError } = ids.name({
    handler: ({ url }) => {
      throw thrown[url.endsWith("/0") ? 0 : 1];
    },
    errorResponse: toErrorResponse,
  });
  for (const [index, error] of thrown.entries()) {
    const request = new Request(`http://localhost/${index}`, {
      headers: { "x-request-id": `id-${index}` },
    });
    const info = { ...localInfo };
    await assertRejects(
      async () => await handler(request, info),
      error.message,
    );
    const record = { ...info, error } as unknown as Exchange;
    assertEquals(ids.of(record), `id-${index}`);
  }
  const refused = await errorResponse(thrown[0] as HttpError, null);
  assertEquals(refused.headers.get("x-request-id"), "id-0");
  const { error: print } = console;
  const printed: unknown[][] = [];
  console.error = (...parts) => printed.push(parts);
  const failed = onError!(thrown[1]);
  console.error = print;
  assertEquals(failed.status, 500);
  assertEquals(failed.headers.get("x-request-id"), "id-1");
  assertEquals(printed, [["GET /:", thrown[1]]]);
});

// ---- The command

const ignore = !mayRunCommand;

async function ask(url: string, request: string): Promise<string> {
  const { hostname, port } = new URL(url);
  using conn = await Deno.connect({ hostname, port: Number(port) });
  await conn.write(new TextEncoder().encode(request));
  return await new Response(conn.readable).text();
}

for (const format of ["json", "text", "combined"]) {
  Deno.test(
    { name: `--request-id: the answer and a ${format} line have it`, ignore },
    async () => {
      await using site = await Site.make();
      await using command = await startCommand(
        ["--port=0", "--request-id", `--log=${format}`],
        { cwd: site.path },
      );
      const get = (target: string) =>
        `GET ${target} HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: client\r\n` +
        "Connection: close\r\n\r\n";
      const requests = [
        get("/echo/a"),
        get("/-/ready"),
        get("/nothing"),
        get("/files/nothing"),
        "nonsense\r\n\r\n",
        get("/").replace("\r\n\r\n", "\r\nExpect: tea\r\n\r\n"),
      ];
      for (const [index, request] of requests.entries()) {
        const answer = await ask(command.url, request);
        const [, id] = /\r\nx-request-id: (\S+)\r\n/.exec(answer)!;
        assertMatch(id, uuid);
        while (command.stdout.all.length <= index) await delay(10);
        const line = command.stdout.all[index];
        if (format === "json") assertEquals(JSON.parse(line).id, id);
        else assertEquals(line.endsWith(` id=${id}`), format === "text", line);
      }
    },
  );
}

Deno.test(
  { name: "--request-id takes that of a trusted proxy", ignore },
  async () => {
    await using site = await Site.make();
    await using command = await startCommand(
      ["--port=0", "--request-id", "--trust-proxy=127.0.0.1"],
      { cwd: site.path },
    );
    const response = await fetch(`${command.url}echo/a`, {
      headers: { "x-request-id": "abc", "x-forwarded-for": "192.0.2.1" },
    });
    await response.text();
    assertEquals(response.headers.get("x-request-id"), "abc");
    assertMatch(await command.stdout.until(/echo/), / 192\.0\.2\.1 .* id=abc$/);
  },
);

Deno.test({ name: "without --request-id there is none", ignore }, async () => {
  await using site = await Site.make();
  await using command = await startCommand(
    ["--port=0", "--trust-proxy=127.0.0.1", "--log=json"],
    { cwd: site.path },
  );
  const headers = { "x-request-id": "abc" };
  const response = await fetch(`${command.url}echo/a`, { headers });
  await response.text();
  assertEquals(response.headers.get("x-request-id"), null);
  assertEquals(JSON.parse(await command.stdout.until(/echo/)).id, undefined);
});
