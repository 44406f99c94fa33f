/**
 * What runs on `Deno.serve` runs here: the same requests, octet by octet, to both
 * servers, and the same answers, but for what is listed.
 */

import { assertEquals } from "@std/assert";
import { serve } from "../../mod.ts";
import { type Answer, parseAnswers } from "../support/conversation.ts";
import { app } from "./hono_app.ts";

/** A request: its method and target, more fields, and its content. */
type Case = [request: string, fields?: string[], content?: string];

const form = "application/x-www-form-urlencoded";
const multipart = [
  "--b",
  'Content-Disposition: form-data; name="note"',
  "",
  "hello",
  "--b",
  'Content-Disposition: form-data; name="file"; filename="a.txt"',
  "Content-Type: text/plain",
  "",
  "in the file",
  "--b--",
  "",
].join("\r\n");

const hono: Case[] = [
  ["GET /"],
  ["HEAD /"],
  ["GET /users/7"],
  ["GET /users/a%20b%C3%A9"],
  ["GET /files/a/b%2Fc.txt"],
  ["GET /query?a=1&a=2&b=x%20y+z"],
  ["GET /query"],
  ["GET /headers", ["X-A: 1", "x-a: 2"]],
  ["GET /headers"],
  ["GET /cookie", ["Cookie: c=3; d=4"]],
  ["GET /cookie"],
  ["POST /json", ["Content-Type: application/json"], '{"a":[1,null,"é"]}'],
  ["POST /json", ["Content-Type: application/json"], "{"],
  ["POST /text", [], "hello"],
  ["POST /text", ["Transfer-Encoding: chunked"], "hello in chunks"],
  ["POST /text"],
  ["POST /text", [], "x".repeat(200_000)],
  ["POST /form", [`Content-Type: ${form}`], "a=1&a=2&b=x%20y"],
  ["POST /form", ["Content-Type: multipart/form-data; boundary=b"], multipart],
  ["POST /limited/text", [], "short"],
  ["POST /limited/text", [], "longer than ten"],
  ["PUT /method"],
  ["DELETE /method"],
  ["PATCH /method", [], "x"],
  ["OPTIONS /method"],
  ["GET /method"],
  ["GET /redirect"],
  ["GET /html"],
  ["GET /stream"],
  ["HEAD /stream"],
  ["GET /stream-text"],
  ["GET /events"],
  ["GET /cors/a", ["Origin: https://example.com"]],
  ["OPTIONS /cors/a", [
    "Origin: https://example.com",
    "Access-Control-Request-Method: GET",
  ]],
  ["GET /private/a"],
  ["GET /private/a", ["Authorization: Basic bWU6c2VjcmV0"]],
  ["GET /private/a", ["Authorization: Basic bm8="]],
  ["GET /etag/a"],
  ["GET /etag/a", ["If-None-Match: *"]],
  ["GET /timed/a"],
  ["GET /error"],
  ["GET /refused"],
  ["GET /none"],
  ["GET //double//slash"],
  ["GET /a/../users/1"],
  ["GET http://h/users/2"],
];

const octets = new TextEncoder();

/** Plain handlers, by the path that asks for them. */
const plain: Record<
  string,
  (request: Request) => Response | Promise<Response>
> = {
  text: () => new Response("text"),
  empty: () => new Response(),
  null: () => new Response(null, { status: 204 }),
  "no-content-304": () =>
    new Response(null, { status: 304, headers: { etag: '"a"' } }),
  "reset-205": () => new Response(null, { status: 205 }),
  json: () => Response.json({ a: 1 }),
  "json-status": () => Response.json([], { status: 201 }),
  redirect: () => Response.redirect("http://h/elsewhere", 307),
  bytes: () => new Response(new Uint8Array([0, 1, 255])),
  "array-buffer": () => new Response(new Uint8Array([1, 2, 3]).buffer),
  view: () => new Response(new DataView(new ArrayBuffer(4))),
  blob: () => new Response(new Blob(["blob"], { type: "text/x-blob" })),
  params: () => new Response(new URLSearchParams({ a: "b c" })),
  stream: () =>
    new Response(ReadableStream.from([octets.encode("a"), octets.encode("b")])),
  "empty-stream": () => new Response(ReadableStream.from([])),
  "byte-stream": () =>
    new Response(
      new ReadableStream({
        type: "bytes",
        pull(controller) {
          controller.enqueue(octets.encode("bytes"));
          controller.close();
        },
      }),
    ),
  "declared-length": () =>
    new Response(ReadableStream.from([octets.encode("abc")]), {
      headers: { "content-length": "3" },
    }),
  clone: () => new Response("cloned").clone(),
  "changed-headers": () => {
    const response = new Response("x");
    response.headers.set("x-late", "yes");
    response.headers.append("x-late", "again");
    return response;
  },
  "copied": () =>
    new Response(new Response("copied", { headers: { a: "b" } }).body),
  cookies: () => {
    const headers = new Headers();
    headers.append("set-cookie", "a=1");
    headers.append("set-cookie", "b=2");
    return new Response("cookies", { headers });
  },
  "status-text": () => new Response("x", { status: 299, statusText: "Fine" }),
  "status-599": () => new Response("x", { status: 599 }),
  large: () => new Response("x".repeat(300_000)),
  "async": async () => {
    await Promise.resolve();
    return new Response("later");
  },
  url: (request) => new Response(request.url),
  method: (request) => new Response(request.method),
  headers: (request) =>
    Response.json(
      [...request.headers].filter(([name]) => name.startsWith("x-")),
    ),
  "read-text": async (request) => new Response(await request.text()),
  "read-json": async (request) => Response.json(await request.json()),
  "read-bytes": async (request) => new Response(await request.bytes()),
  "read-buffer": async (request) => new Response(await request.arrayBuffer()),
  "read-blob": async (request) => new Response(await request.blob()),
  "read-form": async (request) =>
    Response.json(
      [...await request.formData()].map(([name, value]) => [name, `${value}`]),
    ),
  "pass-body": (request) => new Response(request.body),
  "clone-request": async (request) =>
    new Response(await request.clone().text() + await request.text()),
  "copy-request": async (request) =>
    new Response(await new Request(request, { headers: { a: "b" } }).text()),
  "body-used": async (request) => {
    await request.text();
    return Response.json(request.bodyUsed);
  },
  "body-null": (request) => Response.json(request.body === null),
  unread: () => new Response("not read"),
  error: () => Response.error(),
  throws: () => {
    throw new Error("secret detail");
  },
};

const withContent = (name: string) =>
  /^(?:read|pass|clone-r|copy-r|unread|body-u)/.test(name);

const plainCases: Case[] = Object.keys(plain).map((name): Case => {
  if (!withContent(name)) return [`GET /${name}?q`, ["X-B: 1", "X-b: 2"]];
  if (name === "read-form") {
    return [`POST /${name}`, [`Content-Type: ${form}`], "a=1&b=2"];
  }
  return [
    `POST /${name}`,
    ["Content-Type: application/json"],
    '{"é":"content"}',
  ];
});
for (const name of ["text", "stream", "large", "json", "null"]) {
  plainCases.push([`HEAD /${name}`]);
}

function answerPlainly(request: Request): Response | Promise<Response> {
  const { pathname } = new URL(request.url);
  return plain[pathname.slice(1)](request);
}

/** Where the answers differ, and why. */
const differences: Record<string, string> = {
  "GET /a/../users/1":
    "a Request's URL is a URL: dot segments are gone, as everywhere on the web",
  "GET /reset-205?q":
    "RFC 9110 §15.3.6: that there is no content is said by a length of 0",
  "POST /pass-body":
    "a stream goes out in chunks; Deno.serve knows the length of its own request's",
};

/** Sends a request, and takes its answer apart. */
async function ask(
  { port }: Deno.NetAddr,
  [request, fields = [], content]: Case,
): Promise<Answer> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const isChunked = fields.some((field) => /^transfer-encoding/i.test(field));
  const body = octets.encode(content ?? "");
  const length = content !== undefined && !isChunked
    ? [`Content-Length: ${body.length}`]
    : [];
  const head = [
    `${request} HTTP/1.1`,
    "Host: h",
    "Connection: close",
    ...fields,
    ...length,
    "",
    "",
  ].join("\r\n");
  const framed = isChunked
    ? `${body.length.toString(16)}\r\n${content}\r\n0\r\n\r\n`
    : content ?? "";
  const received = new Response(conn.readable).bytes();
  const all = octets.encode(head + framed);
  for (let at = 0; at < all.length;) at += await conn.write(all.subarray(at));
  const text = Array.from(
    await received,
    (octet) => String.fromCharCode(octet),
  ).join("");
  const [answer] = parseAnswers(text, [request.split(" ")[0]]);
  return comparable(answer);
}

/** Without what depends on the moment, or on the server alone. */
function comparable({ status, fields, content }: Answer): Answer {
  const kept = Object.entries(fields)
    .map(([name, value]) => [name.toLowerCase(), value])
    .filter(([name]) =>
      !["date", "connection", "vary", "transfer-encoding"].includes(name)
    )
    .sort(([a], [b]) => a < b ? -1 : 1);
  return { status, reason: "", fields: Object.fromEntries(kept), content };
}

async function compare(
  cases: Case[],
  handler: (request: Request) => Response | Promise<Response>,
): Promise<void> {
  const where = { hostname: "127.0.0.1", port: 0, onListen() {} };
  const onError = () => new Response("failed", { status: 500 });
  await using ours = serve({ ...where, onError }, handler);
  await using theirs = Deno.serve({ ...where, onError }, handler);
  const wrong: unknown[] = [];
  for (const each of cases) {
    const [here, there] = await Promise.all([
      ask(ours.addr, each),
      ask(theirs.addr, each),
    ]);
    const isSame = JSON.stringify(here) === JSON.stringify(there);
    const isListed = Object.hasOwn(differences, each[0]);
    if (isSame === isListed) wrong.push([each[0], here, there]);
  }
  assertEquals(wrong, []);
}

Deno.test(`an application on Hono: ${hono.length} requests`, () =>
  compare(hono, app.fetch));

Deno.test(`plain handlers: ${plainCases.length} requests`, () =>
  compare(plainCases, answerPlainly));
