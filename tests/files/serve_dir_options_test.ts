/** What people set on a directory as a site, each at a real server. */

import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { serveDir } from "../../lib/files/serve_dir.ts";
import { route } from "../../lib/router/router.ts";
import { localInfo } from "../support/local_info.ts";
import { makeScratch } from "./scratch.ts";
import {
  at,
  expectAll,
  ignore,
  page,
  withOptions,
} from "./served_directory.ts";

withOptions(
  "no option: index.html, .html, and nothing hidden",
  {},
  (get) =>
    expectAll(get, {
      "/": "home",
      "/about": "about",
      "/docs/": 404,
      "/docs": 308,
      "/.env": 404,
      "/.well-known/a.txt": "known",
      "/b.txt": "text",
    }),
);

withOptions(
  "index: another name, or the first of several",
  { index: ["none.html", "start.htm"] },
  (get) => expectAll(get, { "/docs/": "start", "/": 404 }),
);

withOptions(
  "index: false leaves a directory without a page",
  { index: false },
  (get) => expectAll(get, { "/": 404, "/index.html": "home" }),
);

withOptions(
  "extensions: are tried in their order",
  { extensions: ["none", "xml", "html"] },
  (get) =>
    expectAll(get, {
      "/list": "<list/>",
      "/about": "about",
      "/about/": 404,
      "/b": 404,
    }),
);

withOptions(
  "extensions: none",
  { extensions: [] },
  (get) => expectAll(get, { "/about": 404, "/about.html": "about" }),
);

Deno.test("extensions: are told at once to be without a dot", () => {
  assertThrows(
    () => serveDir("/", { extensions: [".html"] }),
    TypeError,
    'leave out the dot of ".html"',
  );
});

withOptions(
  "dotfiles: deny says so",
  { dotfiles: "deny" },
  (get) =>
    expectAll(get, {
      "/.env": 403,
      "/.nothing": 403,
      "/docs/.git/config": 403,
      "/.well-known/a.txt": "known",
      "/nothing": 404,
    }),
);

withOptions(
  "dotfiles: allow shows all but unfinished uploads",
  { dotfiles: "allow", listing: true, index: false },
  async (get) => {
    await expectAll(get, {
      "/.env": "secret",
      "/docs/.git/config": "config",
      "/.sluice-uploads/x": 404,
    });
    const names = (await get("/", { headers: { accept: "text/plain" } })).text;
    assertStringIncludes(names, ".env\n");
    assertEquals(names.includes("sluice"), false);
  },
);

withOptions("listing: what has no index, as download has it", {
  listing: true,
}, async (get) => {
  await expectAll(get, { "/": "home", "/docs": 308, "/nothing/": 404 });
  const text = await get("/docs/", { headers: { accept: "text/plain" } });
  assertEquals([text.status, text.text], [200, "start.htm\n"]);
  const { headers } = await get("/docs/", page);
  assertEquals(headers.get("content-type"), "text/html; charset=utf-8");
  assertMatch(headers.get("content-security-policy")!, /sandbox/);
});

withOptions("listing: a page of one's own", {
  listing: ({ entries }) => new Response(`${entries.length} here`),
}, async (get) => assertEquals((await get("/docs/", page)).text, "1 here"));

withOptions("single: another page, for browsers alone", {
  single: "200.html",
}, async (get) => {
  assertEquals((await get("/inbox/7", page)).text, "page");
  assertEquals((await get("/docs/", page)).text, "page");
  assertEquals((await get("/", page)).text, "home");
  await expectAll(get, { "/inbox/7": 404 });
});

withOptions("single: not where a browser wants something else", {
  single: true,
}, async (get) => {
  for (
    const [destination, status] of [
      ["document", 200],
      ["iframe", 200],
      ["empty", 200],
      ["script", 404],
      ["style", 404],
      ["image", 404],
    ] as const
  ) {
    const headers = { "accept": "*/*", "sec-fetch-dest": destination };
    const answer = await get("/app-0000", { headers });
    assertEquals(answer.status, status, destination);
  }
});

withOptions("single: the index, be there none for directories", {
  single: true,
  index: false,
}, async (get) => assertEquals((await get("/inbox/7", page)).text, "home"));

withOptions("fallthrough: what is not there, and what is no reading", {
  dotfiles: "deny",
  headers: { "x-a": "files" },
  fallthrough: (request, info) => {
    if (request.url.endsWith("/error")) throw new HttpError(418, "Tea");
    return new Response(`${request.method} by ${info.remoteAddr.transport}`);
  },
}, async (get) => {
  const nothing = await get("/nothing", page);
  assertEquals([nothing.status, nothing.text], [200, "GET by tcp"]);
  assertEquals(nothing.headers.get("x-a"), null);
  const error = await get("/error");
  assertEquals([error.status, error.headers.get("x-a")], [418, null]);
  const posted = await get("/b.txt", { method: "POST", body: "a" });
  assertEquals(posted.text, "POST by tcp");
  await expectAll(get, { "/docs/": "GET by tcp", "/b.txt": "text" });
  // The request is at fault.
  await expectAll(get, { "/.env": 403, "/%zz": 400 });
  const headers = { range: "bytes=9-" };
  assertEquals((await get("/b.txt", { headers })).status, 416);
});

withOptions("fallthrough: after the page of an application", {
  single: true,
  fallthrough: () => Response.json(7),
}, async (get) => {
  assertEquals((await get("/inbox/7", page)).text, "home");
  await expectAll(get, { "/api/7": "7" });
});

at(
  "below a route it is asked for what the * stands for",
  (root) =>
    route([{ pattern: "/static/*", handler: serveDir(root) }], serveDir(root)),
  async (get) => {
    await expectAll(get, {
      "/static/b.txt": "text",
      "/static/": "home",
      "/static/static/b.txt": 404,
      "/b.txt": "text",
    });
    const { headers } = await get("/static/docs?a");
    assertEquals(headers.get("location"), "/static/docs/?a");
  },
);

Deno.test("a path is opened when it is asked for, again after a failure", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = serveDir(`${scratch.root}/later`);
  const get = async () =>
    await handler(new Request("http://localhost/a.txt"), localInfo);
  await assertRejects(get, Deno.errors.NotFound);
  await Deno.mkdir(`${scratch.root}/later`);
  await Deno.writeTextFile(`${scratch.root}/later/a.txt`, "a");
  assertEquals(await (await get()).text(), "a");
});
