/** Directories are made and removed, and none outside. */

import { assertEquals, assertRejects } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { removal, upload } from "../../lib/files/upload.ts";
import {
  ask,
  makeScratch,
  namesIn,
  noDisk as ignore,
  serving,
} from "./scratch.ts";

const put = { method: "PUT" };
const remove = { method: "DELETE" };

async function statusOf(answer: Promise<Response>): Promise<number> {
  try {
    return (await answer).status;
  } catch (error) {
    if (error instanceof HttpError) return error.status;
    throw error;
  }
}

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
