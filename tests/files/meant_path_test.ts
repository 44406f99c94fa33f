/** Paths that people and programs write, and where they are sent. */

import { assertEquals } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { download } from "../../lib/files/download.ts";
import { serveDir } from "../../lib/files/serve_dir.ts";
import { localInfo } from "../support/local_info.ts";
import { ask, makeScratch, noDisk as ignore, serving } from "./scratch.ts";

async function makeTree(): ReturnType<typeof makeScratch> {
  const scratch = await makeScratch();
  await Deno.mkdir(`${scratch.root}/evil.example/sub`, { recursive: true });
  await Deno.writeTextFile(`${scratch.root}/a.txt`, "A");
  await Deno.writeTextFile(`${scratch.root}/evil.example/b c`, "B");
  await Deno.writeFile(`${scratch.root}/large`, new Uint8Array(100_000));
  return scratch;
}

/** The path that a request is sent to; its status if it is sent nowhere. */
async function answerTo(
  asking: () => Response | Promise<Response>,
): Promise<string | number> {
  try {
    const { status, headers, body } = await asking();
    await body?.cancel();
    return status === 308 ? headers.get("location")! : status;
  } catch (error) {
    if (error instanceof HttpError) return error.status;
    throw error;
  }
}

const sent: [path: string, to: string | number][] = [
  ["a.txt", 200],
  ["evil.example/", 200],
  ["/a.txt", "a.txt"],
  ["///a.txt?x=1&y", "a.txt?x=1&y"],
  ["a.txt/", "a.txt"],
  ["large/", "large"],
  ["//large//", "large"],
  ["a.txt//?download", "a.txt?download"],
  ["evil.example", "evil.example/"],
  ["/evil.example", "evil.example/"],
  ["/evil.example/?sort=size", "evil.example/?sort=size"],
  ["//evil.example//sub", "evil.example/sub/"],
  ["evil.example/sub///", "evil.example/sub/"],
  ["evil.example/b%20c/", "evil.example/b%20c"],
  // Nothing is there either.
  ["none/", 404],
  ["/none", 404],
  ["a.txt/b", 404],
  ["a.txt/%2F", 404],
  ["/%2Fevil.example", 404],
  ["%5Cevil.example", 404],
  ["/.hidden", 404],
];

Deno.test("a file or list: to the path that was meant", {
  ignore,
}, async () => {
  await using scratch = await makeTree();
  const handler = await serving(download, scratch.root);
  for (const method of ["GET", "HEAD"]) {
    for (const [path, to] of [...sent, ["/", ""], ["//?a", "?a"]] as const) {
      assertEquals(
        await answerTo(() => ask(handler, path, { method })),
        typeof to === "string" ? `/files/${to}` : to,
        path,
      );
    }
  }
});

Deno.test("a site: the same, and never to another host", {
  ignore,
}, async () => {
  await using scratch = await makeTree();
  const handler = serveDir(scratch.root, { listing: true });
  for (const [path, to] of sent) {
    const request = new Request(`http://localhost/${path}`);
    assertEquals(
      await answerTo(() => handler(request, localInfo)),
      typeof to === "string" ? `/${to}` : to,
      path,
    );
  }
});

Deno.test("a page of an application is not looked for elsewhere", {
  ignore,
}, async () => {
  await using scratch = await makeTree();
  await Deno.writeTextFile(`${scratch.root}/index.html`, "app");
  const handler = serveDir(scratch.root, { single: true });
  const request = new Request("http://localhost/inbox//7/", {
    headers: { accept: "text/html" },
  });
  assertEquals(await answerTo(() => handler(request, localInfo)), 200);
});
