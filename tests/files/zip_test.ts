/** Archives: what is in them, what breaks them off, and how many there are. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { ProtocolError } from "../../lib/errors.ts";
import { Directory } from "../../lib/files/directory.ts";
import { download, type DownloadOptions } from "../../lib/files/download.ts";
import { ZipWriter } from "../../lib/files/zip_format.ts";
import type { RouteHandler } from "../../lib/handler.ts";
import { ask, makeScratch, noDisk as ignore, statusOf } from "./scratch.ts";

/** The paths of an archive, and their octets, as its central directory tells. */
function entriesOf(zip: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const end = zip.length - 22;
  assertEquals(view.getUint32(end, true), 0x0605_4b50);
  const entries = new Map<string, Uint8Array>();
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    assertEquals(view.getUint32(at, true), 0x0201_4b50);
    const [size, name, extra] = [
      view.getUint32(at + 24, true),
      view.getUint16(at + 28, true),
      view.getUint16(at + 30, true),
    ];
    const start = view.getUint32(at + 42, true);
    const path = new TextDecoder().decode(
      zip.subarray(at + 46, at + 46 + name),
    );
    const content = start + 30 + view.getUint16(start + 26, true) +
      view.getUint16(start + 28, true);
    assert(!entries.has(path), `${path} is there twice`);
    entries.set(path, zip.subarray(content, content + size));
    at += 46 + name + extra;
  }
  return entries;
}

async function fill(root: string): Promise<void> {
  for (const name of ["dir/ü", "dir/empty", ".git", "dir/.x", ".well-known"]) {
    await Deno.mkdir(`${root}/${name}`, { recursive: true });
  }
  for (
    const name of [
      ...["a", "dir/b", "dir/ü/c 1", ".git/config", "dir/.x/d", ".env"],
      ...["dir/ü/.env", ".well-known/e", ".sluice-uploads"],
    ]
  ) await Deno.writeTextFile(`${root}/${name}`, name);
  await Deno.writeFile(`${root}/dir/large`, new Uint8Array(200_000).fill(7));
}

const all = [
  ...[".well-known/", ".well-known/e", "a", "dir/", "dir/b", "dir/empty/"],
  ...["dir/large", "dir/ü/", "dir/ü/c 1"],
];

async function open(
  root: string,
  options: DownloadOptions = {},
): Promise<RouteHandler> {
  return download(await Directory.open(root), { zip: true, ...options });
}

async function zipOf(
  handler: RouteHandler,
  path: string,
  init?: RequestInit,
): Promise<Map<string, Uint8Array>> {
  const response = await ask(handler, path, init);
  assertEquals(response.status, 200);
  return entriesOf(await response.bytes());
}

const names = (zip: Map<string, Uint8Array>) => [...zip.keys()].sort();

function form(...names: string[]): RequestInit {
  const body = new URLSearchParams(names.map((name) => ["name", name]));
  return { method: "POST", body };
}

Deno.test("?zip is a directory with all that readers see", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root, path } = scratch;
  await fill(root);
  await Deno.writeTextFile(`${path}/secret`, "secret");
  await Deno.symlink("../secret", `${root}/out`);
  await Deno.symlink("../..", `${root}/dir/up`);
  await Deno.symlink("dir", `${root}/round`);
  await Deno.symlink("none", `${root}/dangling`);
  await Deno.symlink("a", `${root}/same`);
  const handler = await open(root);
  const zip = await zipOf(handler, "?zip");
  assertEquals(names(zip), [...all, "same"].sort());
  const decoder = new TextDecoder();
  for (const name of [".well-known/e", "a", "dir/b", "dir/ü/c 1"]) {
    assertEquals(decoder.decode(zip.get(name)), name);
  }
  assertEquals(decoder.decode(zip.get("same")), "a");
  assertEquals(zip.get("dir/large"), new Uint8Array(200_000).fill(7));
  assertEquals(names(await zipOf(handler, "dir/%C3%BC/?zip")), ["c 1"]);
  assertEquals(names(await zipOf(handler, "dir/empty/?zip")), []);
});

Deno.test("its fields, and HEAD", { ignore }, async () => {
  await using scratch = await makeScratch();
  await fill(scratch.root);
  const handler = await open(scratch.root);
  for (const method of ["GET", "HEAD"]) {
    const response = await ask(handler, "dir/%C3%BC/?zip", { method });
    await response.body?.cancel();
    assertEquals(Object.fromEntries(response.headers), {
      "accept-ranges": "none",
      "cache-control": "no-cache",
      "content-disposition":
        `attachment; filename="_.zip"; filename*=UTF-8''%C3%BC.zip`,
      "content-type": "application/zip",
      "x-content-type-options": "nosniff",
    });
  }
  const top = await ask(handler, "?zip", { method: "HEAD" });
  assert(top.headers.get("content-disposition")?.includes('"files.zip"'));
  const without = await open(scratch.root, { zip: false });
  const list = await ask(without, "?zip");
  assertEquals(list.headers.get("content-type"), "text/html; charset=utf-8");
  await list.body?.cancel();
});

Deno.test("a form chooses names", { ignore }, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await fill(root);
  await Deno.symlink("/etc/passwd", `${root}/dir/out`);
  const handler = await open(root);
  const chosen = await zipOf(handler, "dir/?zip", form("b", "ü", "b"));
  assertEquals(names(chosen), ["b", "ü/", "ü/c 1"]);
  const text = (body: string, type = "application/x-www-form-urlencoded") => ({
    method: "POST",
    headers: { "content-type": type },
    body,
  });
  for (
    const [path, init, status] of [
      ["dir/?zip", form("b", "none"), 404],
      ["dir/?zip", form(".x"), 404],
      ["?zip", form(".env"), 404],
      ["?zip", form(".sluice-uploads"), 404],
      ["dir/?zip", form("out"), 404],
      ["dir/?zip", form("../a"), 404],
      ["dir/?zip", form("ü/c 1"), 404],
      ["dir/?zip", form(""), 404],
      ["dir/?zip", form(), 400],
      ["dir/?zip", text("x=1"), 400],
      ["dir/?zip", text("name=b", "text/plain"), 415],
      ["dir/?zip", text("name=b", ""), 415],
      ["dir/?zip", text(`name=${"b".repeat(2 ** 20)}`), 413],
      ["none/?zip", form("b"), 404],
      ["a?zip", form("b"), 405],
      ["dir/", form("b"), 405],
      ["dir?zip", form("b"), 405],
    ] as [string, RequestInit, number][]
  ) {
    const label = `${path} ${String(init.body).slice(0, 40)}`;
    assertEquals(await statusOf(ask(handler, path, init)), status, label);
  }
});

Deno.test("a query chooses names", { ignore }, async () => {
  await using scratch = await makeScratch();
  await fill(scratch.root);
  const handler = await open(scratch.root);
  const chosen = await zipOf(handler, "dir/?zip&name=b&name=%C3%BC");
  assertEquals(names(chosen), ["b", "ü/", "ü/c 1"]);
  // A form without a script sends an empty value for its button.
  const one = await zipOf(handler, "?name=a&zip=");
  assertEquals(names(one), ["a"]);
  for (const name of ["nothing", "..", ".env", "dir/b", "%2e%2e%2fsecret"]) {
    assertEquals(await statusOf(ask(handler, `?zip&name=${name}`)), 404);
  }
});

Deno.test("what a reader may not read is not in it", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await fill(root);
  const handler = await open(root, {
    mayRead: () => (names) =>
      !["dir/ü", "dir/ü/c 1", ".well-known/e"].includes(names.join("/")),
  });
  const seen = all.filter((path) => !/ü|\/e$/.test(path));
  assertEquals(names(await zipOf(handler, "?zip")), seen);
  const below = seen.filter((path) => /^dir\/./.test(path))
    .map((path) => path.slice(4));
  assertEquals(names(await zipOf(handler, "dir/?zip")), below);
  assertEquals(await statusOf(ask(handler, "dir/?zip", form("ü"))), 404);
  const noLists = await open(root, { listing: false });
  assertEquals(await statusOf(ask(noLists, "?zip")), 403);
});

/** Reads until so many octets have come. */
async function readSome(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  count: number,
): Promise<void> {
  for (let left = count; left > 0;) {
    const { value, done } = await reader.read();
    assert(!done);
    left -= value.length;
  }
}

Deno.test("a file that goes or changes on the way breaks it off", {
  ignore,
}, async () => {
  const size = 2 ** 20;
  const all = ["x", "y", "z"];
  for (
    const [what, before, change] of [
      ["goes", size + 100, (path: string) => {
        for (const name of all) Deno.removeSync(`${path}/last/${name}`);
      }],
      ["becomes a directory", size + 100, (path: string) => {
        for (const name of all) Deno.removeSync(`${path}/last/${name}`);
        for (const name of all) Deno.mkdirSync(`${path}/last/${name}`);
      }],
      [
        "grows",
        1000,
        (path: string) =>
          Deno.writeFileSync(`${path}/first`, new Uint8Array(size + 1)),
      ],
      [
        "shrinks",
        1000,
        (path: string) => Deno.truncateSync(`${path}/first`, 1000),
      ],
    ] as const
  ) {
    await using scratch = await makeScratch();
    const { root } = scratch;
    await Deno.writeFile(`${root}/first`, new Uint8Array(size));
    await Deno.mkdir(`${root}/last`);
    for (const name of all) {
      await Deno.writeFile(`${root}/last/${name}`, new Uint8Array(300_000));
    }
    const handler = await open(root);
    const response = await ask(handler, "?zip");
    const reader = response.body!.getReader();
    await readSome(reader, before);
    change(root);
    await assertRejects(
      () => readSome(reader, Infinity),
      Error,
      undefined,
      what,
    );
    // Its place is free again.
    const again = await ask(handler, "last/?zip");
    await again.body?.cancel();
  }
});

Deno.test("four are sent at once, and one that is left makes room", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await fill(scratch.root);
  const handler = await open(scratch.root);
  const sent = await Promise.all(
    Array.from({ length: 4 }, () => ask(handler, "?zip")),
  );
  const error = await ask(handler, "?zip").catch((error) => error);
  assertEquals(error.status, 503);
  assertEquals(new Headers(error.headers).get("retry-after"), "5");
  const head = await ask(handler, "?zip", { method: "HEAD" });
  assertEquals(head.status, 200);
  await sent[0].body!.cancel();
  const reader = sent[1].body!.getReader();
  await readSome(reader, 100);
  await reader.cancel();
  await sent[2].bytes();
  const fresh = await Promise.all(
    Array.from({ length: 3 }, () => ask(handler, "?zip")),
  );
  assertEquals(await statusOf(ask(handler, "?zip")), 503);
  for (const response of [sent[3], ...fresh]) await response.body!.cancel();
});

Deno.test("APPNOTE 4.5.3: lengths and places of 4 GiB and more", () => {
  const writer = new ZipWriter();
  const modified = new Date("2026-01-02T03:04:06Z");
  const size = 5 * 2 ** 30;
  const header = writer.begin({ path: "large", modified, size });
  const view = (octets: Uint8Array) =>
    new DataView(octets.buffer, octets.byteOffset);
  assertEquals(view(header).getUint16(4, true), 45);
  const descriptor = writer.end(1);
  assertEquals(descriptor.length, 24);
  assertEquals(view(descriptor).getBigUint64(8, true), BigInt(size));
  writer.begin({ path: "far", modified, size: 0, checksum: 0 });
  assertEquals(writer.end(0).length, 0);
  const [directory, end] = writer.finish();
  const far = BigInt(header.length + size + descriptor.length);
  // The last eight octets of the second header are where it starts.
  assertEquals(view(directory).getBigUint64(directory.length - 8, true), far);
  assertEquals(end.length, 56 + 20 + 22);
  assertEquals(view(end).getUint32(0, true), 0x0606_4b50);
});

Deno.test("APPNOTE 4.4.1.4: more than 65,534 entries", () => {
  const writer = new ZipWriter();
  const modified = new Date(0);
  for (let at = 0; at < 70_000; at++) {
    writer.begin({ path: `${at}`, modified, size: 0, checksum: 0 });
    writer.end(0);
  }
  const end = writer.finish().at(-1)!;
  const view = new DataView(end.buffer);
  assertEquals(view.getBigUint64(24, true), 70_000n);
  assertEquals(view.getUint16(end.length - 12, true), 0xffff);
});

Deno.test("content that is no message ends as that, with fields of our own", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root, { headers: { "x-own": "yes" } });
  const asking = async () =>
    await ask(handler, "?zip", {
      ...form(),
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new ReadableStream({
        pull: () => Promise.reject(new ProtocolError(400, "A chunk is wrong")),
      }),
    });
  const { headers } = await assertRejects(asking, ProtocolError, "A chunk");
  assertEquals(new Headers(headers).get("x-own"), "yes");
});
