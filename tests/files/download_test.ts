/** A file as a response: its head, its content, and 404. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { download } from "../../lib/files/download.ts";
import { compress } from "../../lib/handlers/compression.ts";
import { ask, makeScratch, noDisk as ignore, serving } from "./scratch.ts";

const binary = "application/octet-stream";

for (
  const [name, type, isPage] of [
    ["a.txt", "text/plain; charset=UTF-8", false],
    ["a.HTML", "text/html; charset=UTF-8", true],
    ["a.xhtml", "application/xhtml+xml", true],
    ["a.svg", "image/svg+xml", true],
    ["a.xml", "application/xml", true],
    ["a.atom", "application/atom+xml", true],
    ["a.js", "text/javascript; charset=UTF-8", false],
    ["a.ts", "application/typescript", false],
    ["a.mts", "application/typescript", false],
    ["a.docx", undefined, false],
    ["a.png", "image/png", false],
    ["a.pdf", "application/pdf", false],
    ["a.tar.gz", "application/gzip", false],
    ["a.wasm", "application/wasm", false],
    ["a.unknown", binary, false],
    ["a.bin", binary, false],
    ["html", binary, false],
    ["a.html.", binary, false],
    ["a.html%20", binary, false],
    ["é.txt", "text/plain; charset=UTF-8", false],
  ] as [string, string | undefined, boolean][]
) {
  Deno.test(`${name} goes out by its extension`, { ignore }, async () => {
    await using scratch = await makeScratch();
    await Deno.writeTextFile(`${scratch.root}/${decodeURI(name)}`, "content");
    const handler = await serving(download, scratch.root);
    const { status, headers, body } = await ask(handler, name);
    assertEquals(status, 200);
    if (type) assertEquals(headers.get("content-type"), type);
    assertEquals(headers.get("content-length"), "7");
    assertEquals(headers.get("x-content-type-options"), "nosniff");
    const policy = headers.get("content-security-policy");
    assertEquals(policy, isPage ? "sandbox" : null);
    assertEquals(await new Response(body).text(), "content");
  });
}

Deno.test("HEAD has the head of GET", { ignore }, async () => {
  await using scratch = await makeScratch();
  await Deno.writeTextFile(`${scratch.root}/a.txt`, "content");
  await Deno.writeTextFile(`${scratch.root}/empty`, "");
  const handler = await serving(download, scratch.root);
  for (const path of ["a.txt", "empty"]) {
    const get = await ask(handler, path);
    const head = await ask(handler, path, { method: "HEAD" });
    assertEquals([...head.headers], [...get.headers]);
    assertEquals(head.body, null);
    await get.body?.cancel();
  }
});

Deno.test("an empty file is no content", { ignore }, async () => {
  await using scratch = await makeScratch();
  await Deno.writeTextFile(`${scratch.root}/empty`, "");
  const response = await ask(await serving(download, scratch.root), "empty");
  assertEquals(response.headers.get("content-length"), "0");
  assertEquals(response.body, null);
});

Deno.test("RFC 9110 §8.8.2: Last-Modified is never in the future", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const path = `${scratch.root}/a.txt`;
  await Deno.writeTextFile(path, "");
  const handler = await serving(download, scratch.root);
  const lastModified = async (date: Date) => {
    await Deno.utime(path, date, date);
    return (await ask(handler, "a.txt")).headers.get("last-modified")!;
  };
  assertEquals(
    await lastModified(new Date("2020-02-03T04:05:06.789Z")),
    "Mon, 03 Feb 2020 04:05:06 GMT",
  );
  const future = await lastModified(new Date("2100-01-01"));
  assertMatch(future, /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
  assertEquals(Date.parse(future) <= Date.now(), true);
});

Deno.test("what is no file is 404", { ignore }, async () => {
  await using scratch = await makeScratch();
  await Deno.mkdir(`${scratch.root}/sub`);
  const handler = await serving(download, scratch.root);
  await Deno.writeTextFile(`${scratch.root}/a.txt`, "");
  for (
    const path of ["nowhere", "none/", "sub/b", "a.txt/b", "..%2froot"]
  ) {
    const error = await assertRejects(() => ask(handler, path), HttpError);
    assertEquals(error.status, 404);
  }
});

Deno.test("a large file arrives whole, compressed as well", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const content = "0123456789abcdef".repeat(100_000);
  await Deno.writeTextFile(`${scratch.root}/a.txt`, content);
  const plain = await serving(download, scratch.root);
  assertEquals(await (await ask(plain, "a.txt")).text(), content);

  const headers = { "accept-encoding": "gzip" };
  const handler = compress(plain);
  const response = await ask(handler, "a.txt", { headers });
  assertEquals(response.headers.get("content-encoding"), "gzip");
  assertEquals(response.headers.has("content-length"), false);
  const gunzip = new DecompressionStream("gzip");
  const body = response.body!.pipeThrough(gunzip);
  assertEquals(await new Response(body).text(), content);
});

Deno.test("each way out of a compressed file closes it", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const content = "0123456789abcdef".repeat(100_000);
  await Deno.writeTextFile(`${scratch.root}/a.txt`, content);
  await Deno.writeTextFile(`${scratch.root}/short.txt`, "abc");
  await Deno.writeTextFile(`${scratch.root}/a.png`, content);
  const handler = compress(await serving(download, scratch.root));
  const headers = { "accept-encoding": "gzip" };
  // Files left open would be named by the sanitizer.
  for (const path of ["a.txt", "short.txt", "a.png"]) {
    const head = await ask(handler, path, { method: "HEAD", headers });
    const get = await ask(handler, path, { headers });
    assertEquals([...head.headers], [...get.headers]);
    await head.body?.cancel();
    const reader = get.body!.getReader();
    await reader.read();
    await reader.cancel();
  }
});
