/**
 * Requests that sirv, serve-static and the serveDir of @std/http do not all answer
 * alike, and what they get here: the table in docs/serve-dir.md, at a real server.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { serveDir } from "../../lib/files/serve_dir.ts";
import { at } from "./served_directory.ts";

type Row = [path: string, init: RequestInit, status: number];

const date = "Mon, 01 Jan 2018 00:00:00 GMT";

const rows: Row[] = [
  ["/about", {}, 200],
  ["/about/", {}, 404],
  ["/b.txt/", {}, 308],
  ["/docs", {}, 308],
  ["/docs//", {}, 308],
  ["//docs/", {}, 308],
  ["/docs%2fstart.htm", {}, 404],
  ["/%zz", {}, 400],
  ["/%ff", {}, 400],
  ["/b.txt%00", {}, 404],
  [`/${"a".repeat(3000)}`, {}, 404],
  ["/.well-known/a.txt", {}, 200],
  ["/outside.txt", {}, 404],
  ["/inside.txt", {}, 200],
  ["/precompressed.js", { headers: { "accept-encoding": "br" } }, 404],
  ["/b.txt", { method: "POST" }, 405],
  ["/b.txt", { method: "OPTIONS" }, 405],
  ["/nothing", { method: "POST" }, 405],
  ["/b.txt", { headers: { range: "bytes=3-1" } }, 200],
  ["/b.txt", { headers: { range: "bytes=x" } }, 200],
  ["/b.txt", { headers: { range: "lines=0-1" } }, 200],
  ["/b.txt", { headers: { range: "bytes=-0" } }, 416],
  ["/empty.txt", { headers: { range: "bytes=0-1" } }, 416],
  ["/app-5d1f.js", { headers: { range: "bytes=0-0,-1" } }, 206],
  ["/b.txt", { headers: { range: "bytes=0-1", "if-range": '"a"' } }, 200],
  ["/b.txt", { headers: { range: "bytes=0-1" }, method: "HEAD" }, 200],
  ["/b.txt", { headers: { "if-none-match": "*" } }, 304],
  ["/b.txt", { headers: { "if-match": '"a"' } }, 412],
  ["/b.txt", { headers: { "if-unmodified-since": date } }, 412],
];

at("answers that others give differently", async (root) => {
  await Deno.writeTextFile(`${root}/empty.txt`, "");
  await Deno.writeTextFile(`${root}/precompressed.js.br`, "");
  await Deno.writeTextFile(`${root}/../outside.txt`, "outside");
  await Deno.symlink("../outside.txt", `${root}/outside.txt`);
  await Deno.symlink("b.txt", `${root}/inside.txt`);
  return serveDir(root);
}, async (get) => {
  for (const [path, init, status] of rows) {
    const answer = await get(path, init);
    const name = `${init.method ?? "GET"} ${path} ${JSON.stringify(init)}`;
    assertEquals(answer.status, status, name);
  }
  const { headers } = await get("/b.txt");
  assertMatch(headers.get("etag")!, /^"[^"]+"$/);
  assertEquals(headers.get("cache-control"), "no-cache");
});
