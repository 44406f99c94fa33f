/** A directory as a static site. */

import { assertEquals, assertRejects } from "@std/assert";
import { dirname } from "@std/path";
import { HttpError } from "../../lib/errors.ts";
import { Directory } from "../../lib/files/directory.ts";
import { serveDir, type ServeDirOptions } from "../../lib/files/serve_dir.ts";
import type { Handler } from "../../lib/handler.ts";
import { localInfo } from "../support/local_info.ts";
import { makeScratch, noDisk as ignore } from "./scratch.ts";

async function makeSite(
  root: string,
  files: Record<string, string>,
  options?: ServeDirOptions,
): Promise<Handler> {
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(dirname(`${root}/${path}`), { recursive: true });
    await Deno.writeTextFile(`${root}/${path}`, text);
  }
  return serveDir(await Directory.open(root), options);
}

async function get(
  handler: Handler,
  path: string,
  init?: RequestInit,
): Promise<[status: number, text: string, Response]> {
  const request = new Request(`http://localhost${path}`, init);
  const response = await handler(request, localInfo);
  return [response.status, await response.text(), response];
}

const pages = {
  "index.html": "home",
  "about.html": "about",
  "blog/index.html": "blog",
  "blog/a b.html": "post",
  "empty/a.txt": "text",
};

for (
  const [path, text] of [
    ["/", "home"],
    ["/index.html", "home"],
    ["/?query", "home"],
    ["/about", "about"],
    ["/about.html", "about"],
    ["/blog/", "blog"],
    ["/blog/a%20b", "post"],
    ["/empty/a.txt", "text"],
  ]
) {
  Deno.test(`serveDir: ${path} is ${text}`, { ignore }, async () => {
    await using scratch = await makeScratch();
    const handler = await makeSite(scratch.root, pages);
    const [status, content, { headers }] = await get(handler, path);
    assertEquals([status, content], [200, text]);
    // Its own pages may run scripts.
    assertEquals(headers.get("content-security-policy"), null);
  });
}

Deno.test("serveDir: a directory without its slash is redirected to", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await makeSite(scratch.root, pages);
  const [status, , { headers }] = await get(handler, "/blog?a=b");
  assertEquals([status, headers.get("location")], [308, "/blog/?a=b"]);
});

for (
  const path of ["/nothing", "/empty/", "/about/", "/.hidden", "/nothing/x"]
) {
  Deno.test(`serveDir: ${path} is not there`, { ignore }, async () => {
    await using scratch = await makeScratch();
    await Deno.writeTextFile(`${scratch.root}/.hidden`, "");
    const handler = await makeSite(scratch.root, pages);
    const error = await assertRejects(() => get(handler, path), HttpError);
    assertEquals(error.status, 404);

    await Deno.writeTextFile(`${scratch.root}/404.html`, "lost");
    const headers = {
      "if-none-match": "*",
      "range": "bytes=0-1",
      "accept-encoding": "gzip",
    };
    const [status, text, response] = await get(handler, path, { headers });
    assertEquals([status, text], [404, "lost"]);
    assertEquals(response.headers.get("etag"), null);
    // A program wants no page.
    const accept = { headers: { accept: "application/json" } };
    await assertRejects(() => get(handler, path, accept), HttpError);
  });
}

Deno.test(
  "serveDir: a directory is no page, whatever its name",
  { ignore },
  async () => {
    await using scratch = await makeScratch();
    const handler = await makeSite(scratch.root, { "a.html/b.txt": "text" });
    const error = await assertRejects(() => get(handler, "/a"), HttpError);
    assertEquals(error.status, 404);
  },
);

Deno.test("serveDir: an application has its page for any path", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await makeSite(scratch.root, pages, { single: true });
  const accept = { headers: { accept: "text/html" } };
  const [status, text] = await get(handler, "/any/path", accept);
  assertEquals([status, text], [200, "home"]);
  assertEquals((await get(handler, "/about"))[1], "about");
  const data = { headers: { accept: "application/json" } };
  await assertRejects(() => get(handler, "/any/path", data), HttpError);
});

Deno.test("serveDir: it is only read", { ignore }, async () => {
  await using scratch = await makeScratch();
  const handler = await makeSite(scratch.root, pages);
  for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
    const error = await assertRejects(
      () => get(handler, "/about.html", { method }),
      HttpError,
    );
    assertEquals(error.status, 405);
    assertEquals(new Headers(error.headers).get("allow"), "GET, HEAD");
  }
  assertEquals((await get(handler, "/", { method: "HEAD" }))[0], 200);
});
