/** The handlers of files run under `Deno.serve`, and below any router. */

import { assertEquals } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { Directory } from "../../lib/files/directory.ts";
import { download } from "../../lib/files/download.ts";
import { ResumableUploads } from "../../lib/files/resumable_upload.ts";
import { serveDir } from "../../lib/files/serve_dir.ts";
import { removal } from "../../lib/files/removal.ts";
import { upload } from "../../lib/files/upload.ts";
import type { Handler, PortableInfo } from "../../lib/handler.ts";
import { mount, route } from "../../lib/router/router.ts";
import { makeScratch, namesIn, noDisk } from "../files/scratch.ts";

const ignore = noDisk ||
  (await Deno.permissions.query({ name: "net" })).state !== "granted";

function listen(
  handler: Handler<PortableInfo>,
): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen() {},
    onError: (error) =>
      error instanceof HttpError
        ? new Response(error.message, error)
        : new Response(String(error), { status: 500 }),
  }, handler);
}

Deno.test("files under Deno.serve: up, down, in parts, removed", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const directory = await Directory.open(scratch.root);
  const resumable = new ResumableUploads(directory);
  await using server = listen(route([
    ...mount("/files", [
      { method: "GET", pattern: "/*", handler: download(directory) },
      {
        method: ["PUT", "POST"],
        pattern: "/*",
        handler: upload(directory, { resumable }),
      },
      { method: "DELETE", pattern: "/*", handler: removal(directory) },
    ]),
    {
      method: ["HEAD", "PATCH", "DELETE"],
      pattern: "/uploads/:token",
      handler: resumable.handler,
    },
  ]));
  const origin = `http://127.0.0.1:${server.addr.port}`;
  const ask = async (method: string, path: string, init?: RequestInit) => {
    const url = new URL(path, origin);
    const response = await fetch(url, { method, ...init });
    const { status, headers } = response;
    return { status, headers, text: await response.text() };
  };

  const created = await ask("PUT", "/files/a.txt", { body: "abcdef" });
  assertEquals(created.status, 201);
  const whole = await ask("GET", "/files/a.txt");
  assertEquals([whole.status, whole.text], [200, "abcdef"]);
  const part = await ask("GET", "/files/a.txt", {
    headers: { range: "bytes=2-3" },
  });
  assertEquals([part.status, part.text], [206, "cd"]);
  const same = await ask("GET", "/files/a.txt", {
    headers: { "if-none-match": whole.headers.get("etag")! },
  });
  assertEquals(same.status, 304);
  const list = await ask("GET", "/files/", { headers: { accept: "*/*" } });
  assertEquals([list.status, list.text.includes("a.txt")], [200, true]);

  // Deno.serve sends no 104, so the first answer is what tells the Location.
  const begun = await ask("PUT", "/files/b.txt", {
    headers: { "upload-complete": "?0", "upload-draft-interop-version": "8" },
    body: "abc",
  });
  assertEquals(begun.status, 201);
  const resumed = await ask("PATCH", begun.headers.get("location")!, {
    headers: {
      "upload-complete": "?1",
      "upload-offset": "3",
      "upload-draft-interop-version": "8",
      "content-type": "application/partial-upload",
    },
    body: "def",
  });
  assertEquals([resumed.status, resumed.text], [201, ""]);
  assertEquals((await ask("GET", "/files/b.txt")).text, "abcdef");

  assertEquals((await ask("DELETE", "/files/a.txt")).status, 204);
  assertEquals((await ask("GET", "/files/a.txt")).status, 404);
  const refused = await ask("PATCH", "/files/a.txt");
  assertEquals(refused.status, 405);
  assertEquals(
    refused.headers.get("allow"),
    "GET, HEAD, PUT, POST, DELETE, OPTIONS",
  );
  const names = await namesIn(scratch.root);
  assertEquals(names.filter((name) => !name.startsWith(".")), ["b.txt"]);
});

Deno.test("a site under Deno.serve", { ignore }, async () => {
  await using scratch = await makeScratch();
  await Deno.writeTextFile(`${scratch.root}/index.html`, "<h1>Home</h1>");
  await Deno.writeTextFile(`${scratch.root}/404.html`, "<h1>Nothing</h1>");
  await using server = listen(serveDir(await Directory.open(scratch.root)));
  const origin = `http://127.0.0.1:${server.addr.port}`;
  const home = await fetch(`${origin}/`);
  assertEquals(await home.text(), "<h1>Home</h1>");
  assertEquals(home.headers.get("content-type"), "text/html; charset=UTF-8");
  const nothing = await fetch(`${origin}/nowhere`);
  assertEquals([nothing.status, await nothing.text()], [
    404,
    "<h1>Nothing</h1>",
  ]);
});

Deno.test("a file goes out below a router that knows nothing of ours", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await Deno.writeTextFile(`${scratch.root}/a.txt`, "abc");
  const files = download(await Directory.open(scratch.root));
  const pattern = new URLPattern({ pathname: "/pub/*" });
  await using server = listen((request, info) => {
    const match = pattern.exec(request.url);
    return match ? files(request, info, match) : new Response("other");
  });
  const origin = `http://127.0.0.1:${server.addr.port}`;
  assertEquals(await (await fetch(`${origin}/pub/a.txt`)).text(), "abc");
  assertEquals(await (await fetch(`${origin}/a.txt`)).text(), "other");
});
