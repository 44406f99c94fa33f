/** Directories are made and removed, and none outside. */

import { assertEquals, assertRejects } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { removal } from "../../lib/files/removal.ts";
import { upload } from "../../lib/files/upload.ts";
import {
  ask,
  makeScratch,
  namesIn,
  noDisk as ignore,
  serving,
  statusOf,
} from "./scratch.ts";

const put = { method: "PUT" };
const remove = { method: "DELETE" };

Deno.test("PUT with a slash at the end makes a directory", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root, path } = scratch;
  const handler = await serving(upload, root);
  const made = await ask(handler, "a%20b/c/", put);
  assertEquals(made.status, 201);
  assertEquals(made.headers.get("location"), "/files/a%20b/c/");
  assertEquals(await namesIn(`${root}/a b`), ["c"]);
  assertEquals((await ask(handler, "a%20b/c/", put)).status, 204);

  await Deno.writeTextFile(`${root}/file`, "");
  await Deno.mkdir(`${path}/outside`);
  await Deno.symlink("../outside", `${root}/link`);
  for (
    const [target, status] of [
      ["file/", 409],
      ["file/d/", 409],
      ["link/d/", 409],
      [".hidden/", 403],
      ["a//", 400],
      ["%2e%2e%2fd/", 400],
    ] as const
  ) {
    assertEquals(await statusOf(ask(handler, target, put)), status, target);
  }
  assertEquals(await namesIn(`${path}/outside`), []);
  const error = await assertRejects(
    () => ask(handler, "new/", { ...put, body: "content" }),
    HttpError,
  );
  assertEquals(error.status, 400);
  assertEquals(await namesIn(root), ["a b", "file", "link"]);
});

Deno.test("DELETE with a slash at the end removes an empty directory", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root, path } = scratch;
  await Deno.mkdir(`${root}/empty`);
  await Deno.mkdir(`${root}/full`);
  await Deno.writeTextFile(`${root}/full/a`, "");
  await Deno.mkdir(`${path}/outside/d`, { recursive: true });
  await Deno.symlink("../outside", `${root}/link`);
  const handler = await serving(removal, root);
  for (
    const [target, status] of [
      ["empty/", 204],
      ["empty/", 404],
      ["full/", 409],
      ["full/a/", 409],
      ["link/", 409],
      ["link/d/", 404],
      ["none/", 404],
    ] as const
  ) {
    assertEquals(await statusOf(ask(handler, target, remove)), status, target);
  }
  assertEquals(await namesIn(root), ["full", "link"]);
  assertEquals(await namesIn(`${path}/outside`), ["d"]);
});

Deno.test("RFC 9110 §13.1: a directory is made or removed as expected", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  const putter = await serving(upload, root);
  const remover = await serving(removal, root);
  await Deno.writeTextFile(`${root}/file`, "");
  for (
    const [path, headers, putStatus, deleteStatus] of [
      ["new/", {}, 201, 404],
      ["new/", { "if-none-match": "*" }, 201, 404],
      ["new/", { "if-none-match": '"a"' }, 201, 404],
      ["new/", { "if-none-match": "a" }, 400, 404],
      ["new/", { "if-match": "*" }, 412, 404],
      ["new/", { "if-match": '"a"' }, 412, 404],
      ["new/", { "if-match": '"", W/""' }, 412, 404],
      ["empty/", {}, 204, 204],
      ["empty/", { "if-none-match": " * " }, 412, 412],
      ["empty/", { "if-none-match": '"a", ""' }, 204, 204],
      ["empty/", { "if-match": "*" }, 204, 204],
      ["empty/", { "if-match": '"a"' }, 412, 412],
      // RFC 9110 §13.1.4: it has no date that this could be about.
      [
        "empty/",
        { "if-unmodified-since": "Thu, 01 Jan 1970 00:00:00 GMT" },
        204,
        204,
      ],
      // RFC 9110 §13.2.1: these would fail without.
      ["full/", { "if-match": '"a"' }, 412, 409],
      ["full/", { "if-none-match": "*" }, 412, 409],
      ["file/", { "if-match": '"a"' }, 409, 409],
      ["file/", { "if-none-match": "*" }, 409, 409],
      [".hidden/", { "if-match": '"a"' }, 403, 403],
    ] as [string, Record<string, string>, number, number][]
  ) {
    const label = `${path} ${JSON.stringify(headers)}`;
    await Deno.mkdir(`${root}/empty`, { recursive: true });
    await Deno.mkdir(`${root}/full/a`, { recursive: true });
    const removed = ask(remover, path, { ...remove, headers });
    assertEquals(await statusOf(removed), deleteStatus, `DELETE ${label}`);
    await Deno.mkdir(`${root}/empty`, { recursive: true });
    const made = ask(putter, path, { ...put, headers });
    assertEquals(await statusOf(made), putStatus, `PUT ${label}`);
    const isMade = (await namesIn(root)).includes("new");
    assertEquals(isMade, putStatus === 201, label);
    if (isMade) await Deno.remove(`${root}/new`);
  }
});

Deno.test("of two that make a directory that must be new, one does", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  const handler = await serving(upload, root);
  const { mkdirSync } = Deno;
  try {
    // Another instance is quicker.
    Deno.mkdirSync = (path) => {
      mkdirSync(path);
      mkdirSync(path);
    };
    const headers = { "if-none-match": "*" };
    assertEquals(await statusOf(ask(handler, "a/", { ...put, headers })), 412);
    assertEquals(await statusOf(ask(handler, "b/", put)), 204);
  } finally {
    Deno.mkdirSync = mkdirSync;
  }
  assertEquals(await namesIn(root), ["a", "b"]);
});

Deno.test("a form with existing=keep replaces nothing", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await Deno.writeTextFile(`${scratch.root}/a.txt`, "old");
  const handler = await serving(upload, scratch.root);
  const send = (query: string) => {
    const body = new FormData();
    body.append("file", new File(["new"], "a.txt"));
    return statusOf(ask(handler, query, { method: "POST", body }));
  };
  assertEquals(await send("?existing=keep"), 412);
  assertEquals(await Deno.readTextFile(`${scratch.root}/a.txt`), "old");
  assertEquals(await send(""), 201);
  assertEquals(await Deno.readTextFile(`${scratch.root}/a.txt`), "new");
});
