/** What is said with files, as people set it, each at a real server. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { Directory } from "../../lib/files/directory.ts";
import { download } from "../../lib/files/download.ts";
import { serveDir } from "../../lib/files/serve_dir.ts";
import type { ServedFile } from "../../lib/files/served_headers.ts";
import { route } from "../../lib/router/router.ts";
import { at, page, withOptions } from "./served_directory.ts";

withOptions("headers: on every answer, and in the place of others", {
  headers: {
    "referrer-policy": "no-referrer",
    "cache-control": "max-age=1",
    "vary": "Origin",
    "content-length": "1",
  },
  listing: true,
}, async (get) => {
  const etag = (await get("/b.txt")).headers.get("etag")!;
  for (
    const [path, init, status] of [
      ["/b.txt", {}, 200],
      ["/b.txt", { headers: { "if-none-match": etag } }, 304],
      ["/b.txt", { headers: { range: "bytes=0-1" } }, 206],
      ["/b.txt", { headers: { range: "bytes=9-" } }, 416],
      ["/b.txt", { headers: { "if-match": '"other"' } }, 412],
      ["/b.txt", { method: "HEAD" }, 200],
      ["/b.txt", { method: "POST" }, 405],
      ["/docs", {}, 308],
      ["/docs/", {}, 200],
      ["/%zz", {}, 400],
      ["/nothing", page, 404],
      ["/nothing", { headers: { accept: "a/b" } }, 404],
    ] as [string, RequestInit, number][]
  ) {
    const answer = await get(path, init);
    assertEquals(answer.status, status, path);
    const { headers } = answer;
    assertEquals(headers.get("referrer-policy"), "no-referrer", path);
    assertEquals(headers.get("cache-control"), "max-age=1", path);
    assertStringIncludes(headers.get("vary")!, "Origin");
    assert(headers.get("content-length") !== "1", path);
  }
  const { headers } = await get("/b.txt");
  assertEquals(headers.get("vary"), "Accept-Encoding, Origin");
  assertEquals(headers.get("x-content-type-options"), "nosniff");
});

Deno.test("headers: that cannot be sent are told at once", () => {
  const headers = { "a b": "" };
  assertThrows(() => serveDir("/", { headers }), TypeError);
});

const seen: ServedFile[] = [];

withOptions("setHeaders: has the last word about a file", {
  headers: { "x-a": "headers" },
  setHeaders(headers, file) {
    seen.push(file);
    headers.set("x-a", file.path);
    headers.delete("etag");
    headers.set("content-type", "text/x-mine");
    headers.set("content-length", "1");
    headers.set("content-range", "none");
  },
}, async (get) => {
  const whole = await get("/docs/start.htm?a");
  assertEquals(whole.headers.get("x-a"), "docs/start.htm");
  assertEquals(whole.headers.get("etag"), null);
  assertEquals(whole.headers.get("content-type"), "text/x-mine");
  assertEquals(whole.text, "start");
  const { path, info, request } = seen[0];
  assertEquals([path, info.size], ["docs/start.htm", 5]);
  assertEquals(new URL(request.url).search, "?a");

  assertEquals((await get("/")).headers.get("x-a"), "index.html");
  // Not of what is no file.
  assertEquals((await get("/docs")).headers.get("x-a"), "headers");
  const lost = await get("/nothing", page);
  assertEquals([lost.status, lost.headers.get("x-a")], [404, "404.html"]);

  const range = (value: string) => ({ headers: { range: value } });
  const part = await get("/b.txt", range("bytes=0-1"));
  assertEquals([part.text, part.headers.get("content-range")], [
    "te",
    "bytes 0-1/4",
  ]);
  const parts = await get("/app-5d1f.js", range("bytes=0-0,-1"));
  assertMatch(parts.headers.get("content-type")!, /^multipart\/byteranges/);
  const since = { "if-modified-since": new Date().toUTCString() };
  const unchanged = await get("/b.txt", { headers: since });
  assertEquals([unchanged.status, unchanged.headers.get("x-a")], [
    304,
    "b.txt",
  ]);
  assertEquals(unchanged.headers.get("content-type"), null);
});

at("setHeaders: what it throws closes the file", async (root) => {
  await Deno.writeFile(`${root}/large.bin`, new Uint8Array(100_000));
  const handler = serveDir(root, {
    setHeaders() {
      throw new HttpError(403, "Not this one");
    },
  });
  return handler;
}, async (get) => assertEquals((await get("/large.bin")).status, 403));

withOptions("setHeaders: of what is coded, the file itself", {
  setHeaders: (headers, { path, info }) =>
    headers.set("x-file", `${path} ${info.size}`),
}, async (get) => {
  const headers = { "accept-encoding": "gzip" };
  const answer = await get("/app-5d1f.js", { headers });
  assertEquals(answer.headers.get("x-file"), "app-5d1f.js 5000");
  assertEquals(answer.headers.get("vary"), "Accept-Encoding");
});

withOptions("maxAge: of files, and not of what stands in for one", {
  maxAge: 60,
  single: true,
}, async (get) => {
  const age = async (path: string, init?: RequestInit) =>
    (await get(path, init)).headers.get("cache-control");
  assertEquals(await age("/b.txt"), "max-age=60");
  const headers = { "if-none-match": "*" };
  assertEquals(await age("/b.txt", { headers }), "max-age=60");
  assertEquals(await age("/inbox/7", page), "no-cache");
  assertEquals(await age("/docs"), null);
});

withOptions("immutable: a browser need not ask", {
  maxAge: 31_536_000,
  immutable: true,
}, async (get) => {
  const script = await get("/app-5d1f.js");
  assertEquals(
    script.headers.get("cache-control"),
    "max-age=31536000, immutable",
  );
  const lost = await get("/nothing", page);
  assertEquals(lost.headers.get("cache-control"), "no-cache");
});

Deno.test("maxAge and immutable that mean nothing are told at once", () => {
  for (const maxAge of [-1, 0.5, NaN, Infinity]) {
    assertThrows(() => serveDir("/", { maxAge }), RangeError, `${maxAge}`);
  }
  assertThrows(
    () => serveDir("/", { immutable: true }),
    TypeError,
    "it needs a maxAge",
  );
});

withOptions("cors: scripts of all origins may read, errors too", {
  cors: true,
}, async (get) => {
  for (const path of ["/b.txt", "/docs", "/nothing", "/%zz"]) {
    const { headers } = await get(path);
    assertEquals(headers.get("access-control-allow-origin"), "*", path);
    assertEquals(headers.get("access-control-expose-headers"), "*", path);
  }
  const { headers } = await get("/b.txt");
  assertEquals(headers.get("cross-origin-resource-policy"), "cross-origin");

  const preflight = await get("/b.txt", {
    method: "OPTIONS",
    headers: {
      "origin": "http://elsewhere.test",
      "access-control-request-method": "GET",
      "access-control-request-headers": "if-none-match",
    },
  });
  assertEquals(preflight.status, 204);
  assertEquals(
    [
      "access-control-allow-origin",
      "access-control-allow-methods",
      "access-control-allow-headers",
      "allow",
    ].map((name) => preflight.headers.get(name)),
    ["*", "GET, HEAD", "*", "GET, HEAD, OPTIONS"],
  );
  const posted = await get("/b.txt", { method: "POST" });
  assertEquals(posted.headers.get("allow"), "GET, HEAD, OPTIONS");
});

withOptions("cors: narrower by what else is said", {
  cors: true,
  resourcePolicy: "same-site",
  headers: { "access-control-allow-origin": "https://a.test" },
}, async (get) => {
  const { headers } = await get("/b.txt");
  assertEquals(headers.get("cross-origin-resource-policy"), "same-site");
  assertEquals(headers.get("access-control-allow-origin"), "https://a.test");
});

withOptions("cors: not by default", {}, async (get) => {
  const { headers } = await get("/b.txt");
  assertEquals(headers.get("access-control-allow-origin"), null);
  assertEquals(headers.get("cross-origin-resource-policy"), "same-origin");
  assertEquals((await get("/b.txt", { method: "OPTIONS" })).status, 405);
});

at("download takes them as well", async (root) => {
  const handler = download(await Directory.open(root), {
    headers: { "x-a": "1" },
    setHeaders: (headers, { path }) => headers.set("x-path", path),
    maxAge: 60,
    cors: true,
    dotfiles: "deny",
  });
  return route([{ pattern: "/files/*", handler }]);
}, async (get) => {
  const { headers } = await get("/files/list.xml");
  assertEquals(
    [
      "x-a",
      "x-path",
      "cache-control",
      "access-control-allow-origin",
      "cross-origin-resource-policy",
      // Uploaded by whomever.
      "content-security-policy",
    ].map((name) => headers.get(name)),
    ["1", "list.xml", "max-age=60", "*", "cross-origin", "sandbox"],
  );
  for (
    const [path, status] of [
      ["/files/docs", 308],
      ["/files/docs/", 200],
      ["/files/.env", 403],
      ["/files/nothing", 404],
    ] as const
  ) {
    const answer = await get(path);
    assertEquals([answer.status, answer.headers.get("x-a")], [status, "1"]);
  }
  const preflight = await get("/files/a", { method: "OPTIONS" });
  assertEquals([preflight.status, preflight.headers.get("x-a")], [204, "1"]);
});
