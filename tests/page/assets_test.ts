/** The parts of the pages: how they are answered, and how much they weigh. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { hrefOf, kindOf, nameKey } from "../../lib/page/browser/format.js";
import { formatSize, timeFormat } from "../../lib/page/browser/format.js";
import { nameKey as serverKey } from "../../lib/files/snapshot.ts";
import { answerWithAsset } from "../../lib/page/assets.ts";
import { createPages } from "../../lib/page/pages.ts";
import { defaultLimits, defaultTimeouts } from "../../lib/limits.ts";
import { localInfo } from "../support/local_info.ts";

const pattern = new URLPattern({ pathname: "/page/:name" });

async function ask(name: string, headers?: HeadersInit): Promise<Response> {
  const request = new Request(`http://localhost/page/${name}`, { headers });
  return await answerWithAsset(request, localInfo, pattern.exec(request.url)!);
}

const pages = createPages({
  version: "1",
  originOf: ({ url }) => new URL(url).origin,
  mayWrite: true,
  mayDelete: true,
  isUploadOnly: false,
  mayList: true,
  maxSize: Infinity,
  limits: defaultLimits,
  timeouts: defaultTimeouts,
  permissions: () => Promise.resolve([]),
  hasXray: true,
});

/** What a page refers to, and what that loads at once. */
async function partsOf(page: string): Promise<Map<string, string>> {
  const parts = new Map<string, string>();
  const names = [...page.matchAll(/\/page\/([^"]+)"/g)].map(([, name]) => name);
  for (const name of names) {
    if (parts.has(name)) continue;
    const text = await (await ask(name)).text();
    parts.set(name, text);
    const loads = /(?:from "\.\/|^import "\.\/|\buseStyle\(")([^"]+)"/gm;
    for (const [, other] of text.matchAll(loads)) {
      names.push(other);
    }
  }
  return parts;
}

async function gzippedLength(text: string): Promise<number> {
  const stream = new Blob([text]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).bytes()).length;
}

Deno.test("a page and all that it loads at once weigh less than 90 kB with gzip", async () => {
  const listing = await pages.listing({
    path: "/files/",
    entries: [],
    total: 0,
    offset: 0,
    limit: 1000,
    sort: "name",
    order: "asc",
    filter: "",
  }, new Request("http://localhost/files/"));
  const text = await listing.text();
  const parts = await partsOf(text);
  assert(parts.size > 8, `${[...parts.keys()]}`);
  const lengths = await Promise.all(
    [text, ...parts.values()].map(gzippedLength),
  );
  const sum = lengths.reduce((a, b) => a + b);
  assert(sum < 90_000, `${sum} octets`);
});

Deno.test("a page names each script that its own needs, so that none waits for another", async () => {
  const request = new Request("http://localhost/xray");
  const page = await (await pages.xray(request)).text();
  const needed = new Set(["xray.js"]);
  for (const name of needed) {
    const text = await (await ask(name)).text();
    for (const [, other] of text.matchAll(/ from "\.\/([^"]+)"/g)) {
      needed.add(other);
    }
  }
  const named =
    /<link rel="modulepreload" nonce="[^"]+" [^>]*href="\/page\/([^"]+)"/g;
  assertEquals(
    new Set([...page.matchAll(named)].map(([, name]) => name)),
    needed.difference(new Set(["xray.js"])),
  );
  assert(needed.size > 10, `${[...needed]}`);
});

Deno.test("X-ray and all that it may load weigh less than 60 kB with gzip", async () => {
  const page = await pages.xray(new Request("http://localhost/xray"));
  const text = await page.text();
  const parts = await partsOf(text);
  for (const [, script] of [...parts]) {
    for (const [, name] of script.matchAll(/import\("\.\/(xray[^"]+)"\)/g)) {
      for (const part of await partsOf(`/page/${name}"`)) parts.set(...part);
    }
  }
  assert(parts.has("xray_replay.js"), `${[...parts.keys()]}`);
  const lengths = await Promise.all(
    [text, ...parts.values()].map(gzippedLength),
  );
  const sum = lengths.reduce((a, b) => a + b);
  assert(sum < 60_000, `${sum} octets`);
});

Deno.test("a part that the browser has is not sent again", async () => {
  const first = await ask("style.css");
  const tag = first.headers.get("etag")!;
  await first.body?.cancel();
  for (const known of [tag, `W/${tag}`, `"x", ${tag}`, "*"]) {
    const again = await ask("style.css", { "if-none-match": known });
    assertEquals([again.status, again.body], [304, null], known);
  }
  const other = await ask("style.css", { "if-none-match": '"other"' });
  assertEquals(other.status, 200);
  await other.body?.cancel();
});

Deno.test("what is no part is not there", async () => {
  for (const name of ["none.js", "constructor", "assets.ts", ""]) {
    const error = await assertRejects(async () => {
      const request = new Request(`http://localhost/page/${name}`);
      const match = pattern.exec(request.url) ??
        pattern.exec("http://localhost/page/x")!;
      match.pathname.groups.name = name;
      await answerWithAsset(request, localInfo, match);
    }, HttpError);
    assertEquals(error.status, 404);
  }
});

Deno.test("page and server sort names alike", () => {
  for (
    const name of [
      "a",
      "B10",
      "b9",
      "é 007",
      "\u{1f600}12",
      "",
      "x".repeat(300),
    ]
  ) {
    assertEquals(nameKey(name), serverKey(name));
  }
});

Deno.test("sizes, times, kinds and links are written for people", () => {
  assertEquals(
    [undefined, 0, 1023, 1024, 1_048_575, 1_048_576, 5e12].map(formatSize),
    ["", "0 B", "1023 B", "1.0 KiB", "1.0 MiB", "1.0 MiB", "4.5 TiB"],
  );
  const utc = timeFormat("UTC");
  assertEquals(utc("2026-11-23T15:25:59Z"), "2026-11-23 15:25");
  assertEquals(utc(undefined), "");
  const kinds = ["a.PNG", "b.tar.gz", "c", "png", "d.ts"].map((name) =>
    kindOf({ name, type: "file" })
  );
  assertEquals(kinds, ["image", "archive", "file", "file", "code"]);
  assertEquals(
    hrefOf({ name: "a:b #?/", type: "directory" }),
    "./a%3Ab%20%23%3F%2F/",
  );
});
