/** Routes are found by their beginnings, and none is missed. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { RouteIndex } from "../../lib/router/route_index.ts";
import { mount, on, type Route, route } from "../../lib/router/router.ts";
import { localInfo } from "../support/local_info.ts";

const entry = (pathname: string, ignoreCase = false) => ({
  pathname,
  pattern: new URLPattern({ pathname }, { ignoreCase }),
  heedsCase: !ignoreCase,
});

Deno.test("of 1000 routes few are tried", () => {
  const table = Array.from(
    { length: 1000 },
    (_, at) => entry(`/api/resource${at}/:id`),
  );
  const index = new RouteIndex(table);
  assertEquals(index.candidates("/api/resource7/1"), [table[7]]);
  assertEquals(index.candidates("/api/other/1"), []);
  assertEquals(index.candidates("/"), []);
});

Deno.test("of 1000 routes behind a parameter few are tried", () => {
  const table = Array.from(
    { length: 1000 },
    (_, at) => entry(`/orgs/:org/resource${at}/:id`),
  );
  const index = new RouteIndex(table);
  assertEquals(index.candidates("/orgs/a/resource7/1"), [table[7]]);
  assertEquals(index.candidates("/orgs/a/other/1"), []);
  assertEquals(index.candidates("/orgs/resource7/1"), []);
});

for (
  const [init, url] of [
    [{ pathname: "/notes/:id/lines" }, "http://localhost/NOTES/1/LINES"],
    [{ pathname: "/users", hostname: "h.example" }, "http://h.example/USERS"],
    [{ pathname: "/a/(\\d+)" }, "http://localhost/A/1"],
  ] as const
) {
  Deno.test(`${init.pathname} is found in either case, if it ignores it`, async () => {
    const routes: Route[] = Array.from({ length: 20 }, (_, at) => ({
      pattern: `/other${at}`,
      handler: () => new Response("other"),
    }));
    const pattern = new URLPattern(init, { ignoreCase: true });
    routes.push({ pattern, handler: () => new Response("found") });
    const response = await route(routes)(new Request(url), localInfo);
    assertEquals(await response.text(), "found");
  });
}

Deno.test("no pattern that matches is left out", () => {
  const paths = [
    "/",
    "/a",
    "/a/",
    "/a/b",
    "/a/b/c",
    "/A",
    "/A/b",
    "/b",
    "/a.b",
    "/a/b/",
    "//a",
  ];
  const patterns = [
    "/",
    "/a",
    "/a/",
    "/a/b",
    "/a/:x",
    "/a/:x?",
    "/a{/b}?",
    "/a/*",
    "/*",
    "*",
    "/:x",
    "/:x/b",
    "/a/b*",
    "/a.b",
    "/(a|b)",
    "/:x/:y/*",
    "/:x/b/:y",
    "/:x/",
    "/:x/b/",
    "/a/:x/c",
    "/:x?/b",
    "/:x-:y",
    "/a/:x+",
    "/a/:x*",
    "//a",
  ];
  const table = [
    ...patterns.map((pathname) => entry(pathname)),
    entry("/a", true),
    entry("/a/b", true),
  ];
  const index = new RouteIndex(table);
  for (const path of paths) {
    const url = `http://localhost${path}`;
    const matching = table.filter(({ pattern }) => pattern.test(url));
    const found = index.candidates(path).filter(({ pattern }) =>
      pattern.test(url)
    );
    assertEquals(found, matching, path);
  }
});

async function textOf(routes: Route[], path: string, method = "GET") {
  const request = new Request(`http://localhost${path}`, { method });
  return await (await route(routes)(request, localInfo)).text();
}

Deno.test("the first of the table answers, wherever it is found", async () => {
  const says = (text: string) => () => new Response(text);
  const routes: Route[] = [
    { pattern: "/a/:x", handler: says("one") },
    { pattern: "/a/b", handler: says("two") },
    { pattern: "/*", handler: says("any") },
    { pattern: "/c", handler: says("never") },
  ];
  assertEquals(await textOf(routes, "/a/b"), "one");
  assertEquals(await textOf(routes.toReversed(), "/a/b"), "any");
  assertEquals(await textOf(routes, "/c"), "any");
});

Deno.test("parameters are decoded, and typed", async () => {
  const routes = [
    on("GET", "/users/:user/notes/:note", (_request, { user, note }, info) => {
      assert(info === localInfo);
      const typed: string = user + note;
      return new Response(typed);
    }),
    // @ts-expect-error -- there is no such parameter
    on("GET", "/a/:b", (_request, { c }) => new Response(c)),
    on(["PUT", "POST"], "/plain", () => new Response("plain")),
  ];
  assertEquals(await textOf(routes, "/users/a%20b/notes/%C3%A9"), "a bé");
  assertEquals(await textOf(routes, "/plain", "POST"), "plain");
  const request = new Request("http://localhost/users/%ff/notes/1");
  const error = assertThrows(
    () => route(routes)(request, localInfo),
    HttpError,
  );
  assertEquals(error.status, 400);
});

Deno.test("mounted routes answer as one table: 404, 405 and Allow", async () => {
  const notes = [
    on("GET", "/notes/:id", (_request, { id }) => new Response(id)),
    on("DELETE", "/notes/:id", () => new Response(null, { status: 204 })),
  ];
  const routes = [
    ...mount("/api/:version", mount("/deep", notes)),
    on("GET", "/", () => new Response("root")),
  ];
  assertEquals(await textOf(routes, "/api/v1/deep/notes/7"), "7");
  assertEquals(await textOf(routes, "/"), "root");
  const ask = (path: string, method: string) => () =>
    route(routes)(
      new Request(`http://localhost${path}`, { method }),
      localInfo,
    );
  assertEquals(assertThrows(ask("/notes/7", "GET"), HttpError).status, 404);
  const refused = assertThrows(ask("/api/v1/deep/notes/7", "PUT"), HttpError);
  assertEquals(refused.status, 405);
  assertEquals(
    new Headers(refused.headers).get("allow"),
    "GET, HEAD, DELETE, OPTIONS",
  );
  assertThrows(
    () =>
      mount("/a", [{
        pattern: new URLPattern(),
        handler: () => new Response(),
      }]),
    TypeError,
    "Cannot mount",
  );
});

const handler = () => new Response();
for (
  const [what, make] of [
    ["a path without /", () => route([{ pattern: "a", handler }])],
    ["a whole URL", () => route([on("GET", "http://h/a", handler)])],
    ["an empty path", () => route([{ pattern: "", handler }])],
    ["a group that is open", () => route([{ pattern: "/a{", handler }])],
    ["a name twice", () => route([on("GET", "/:a/:a", handler)])],
    ["below a path that ends with /", () => mount("/a/", [])],
    ["below a path without /", () => mount("a", [])],
    ["what names a host as well", () =>
      mount("/a", [{
        pattern: new URLPattern({ pathname: "/b", hostname: "h.example" }),
        handler,
      }])],
  ] as const
) {
  Deno.test(`${what} is refused before it is served`, () => {
    assertThrows(make, TypeError);
  });
}
