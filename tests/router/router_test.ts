/** One table of routes, and each answer that follows from it alone. */

import { assertEquals, assertThrows } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import {
  type Route,
  route,
  type RouteHandler,
} from "../../lib/router/router.ts";
import { localInfo } from "../support/local_info.ts";

const says = (text: string): RouteHandler => (request, _info, match) =>
  new Response(`${text} ${request.method} ${match.pathname.groups["0"] ?? ""}`);

const at = (pathname: string) => new URLPattern({ pathname });

const routes: Route[] = [
  { method: "GET", pattern: at("/"), handler: says("root") },
  { method: "GET", pattern: at("/files/*"), handler: says("download") },
  { method: "POST", pattern: at("/files/*"), handler: says("upload") },
  { method: ["PUT", "PATCH"], pattern: at("/files/*"), handler: says("put") },
  { method: "GET", pattern: at("/files/first"), handler: says("never") },
  { method: "OPTIONS", pattern: at("/own"), handler: says("own") },
  { method: "GET", pattern: at("/own"), handler: says("own") },
  { method: "HEAD", pattern: at("/head"), handler: says("head") },
  { method: "GET", pattern: at("/head"), handler: says("get") },
  { pattern: at("/any/*"), handler: says("any") },
  { method: "BREW", pattern: at("/pot"), handler: says("pot") },
  { method: [], pattern: at("/closed"), handler: says("never") },
];

const handler = route(routes);

function request(method: string, path: string): Request {
  return new Request(new URL(path, "http://localhost"), { method });
}

for (
  const [method, path, expected] of [
    ["GET", "/", "root GET "],
    ["GET", "/?query", "root GET "],
    ["HEAD", "/", "root HEAD "],
    ["GET", "/files/a/b%20c?d", "download GET a/b%20c"],
    ["HEAD", "/files/a", "download HEAD a"],
    ["POST", "/files/a", "upload POST a"],
    ["PUT", "/files/a", "put PUT a"],
    ["PATCH", "/files/a", "put PATCH a"],
    ["GET", "/files/first", "download GET first"],
    ["OPTIONS", "/own", "own OPTIONS "],
    ["HEAD", "/head", "head HEAD "],
    ["GET", "/head", "get GET "],
    ["DELETE", "/any/x", "any DELETE x"],
    ["OPTIONS", "/any/x", "any OPTIONS x"],
    ["MAKE", "/any/x", "any MAKE x"],
    ["BREW", "/pot", "pot BREW "],
  ]
) {
  Deno.test(`${method} ${path} is answered by "${expected}"`, async () => {
    const response = await handler(request(method, path), localInfo);
    assertEquals(await response.text(), expected);
  });
}

const files = "GET, HEAD, POST, PUT, PATCH, OPTIONS";
for (
  const [method, path, status, allow] of [
    ["GET", "/nowhere", 404, null],
    ["DELETE", "/nowhere", 404, null],
    ["OPTIONS", "/nowhere", 404, null],
    ["GET", "/files", 404, null],
    ["DELETE", "/files/a", 405, files],
    ["POST", "/", 405, "GET, HEAD, OPTIONS"],
    ["GET", "/pot", 405, "BREW, OPTIONS"],
    ["BREW", "/", 405, "GET, HEAD, OPTIONS"],
    ["GET", "/closed", 405, "OPTIONS"],
    ["MAKE", "/", 501, null],
    ["MAKE", "/nowhere", 501, null],
    // RFC 9110 §9.1: methods are case-sensitive.
    ["brew", "/pot", 501, null],
    ["patch", "/files/a", 501, null],
  ] as const
) {
  Deno.test(`${method} ${path} is refused with ${status}`, () => {
    const error = assertThrows(
      () => handler(request(method, path), localInfo),
      HttpError,
    );
    assertEquals(error.status, status);
    assertEquals(new Headers(error.headers).get("allow"), allow);
  });
}

Deno.test("RFC 9110 §9.3.7: OPTIONS tells what a path allows", async () => {
  const response = await handler(request("OPTIONS", "/files/a"), localInfo);
  assertEquals(response.status, 204);
  assertEquals(response.headers.get("allow"), files);
  assertEquals(response.body, null);
});

Deno.test("RFC 9110 §9.3.7: OPTIONS * speaks for all routes", async () => {
  const info = { ...localInfo, requestTarget: "*" };
  const table = routes.filter(({ method }) => method !== undefined);
  const response = await route(table)(request("OPTIONS", "/"), info);
  assertEquals(response.status, 204);
  assertEquals(
    response.headers.get("allow"),
    "GET, HEAD, POST, PUT, PATCH, OPTIONS, BREW",
  );
  const any = await handler(request("OPTIONS", "/"), info);
  assertEquals(
    any.headers.get("allow"),
    "GET, HEAD, POST, PUT, PATCH, OPTIONS, DELETE, BREW",
  );
});

Deno.test("a fallback gets what no pattern matches, whatever the method", async () => {
  const table = route(routes, (request) => new Response(request.method));
  for (const method of ["GET", "OPTIONS", "MAKE"]) {
    const response = await table(request(method, "/nowhere"), localInfo);
    assertEquals(await response.text(), method);
  }
  for (const [method, status] of [["DELETE", 405], ["MAKE", 501]] as const) {
    const refused = () => table(request(method, "/"), localInfo);
    assertEquals(assertThrows(refused, HttpError).status, status);
  }
});

Deno.test("a table is read once", () => {
  const table = [...routes];
  const handler = route(table);
  table.length = 0;
  handler(request("GET", "/"), localInfo);
});
