/** Directories are removed with all in them; nobody sees half of one. */

import { assertEquals, assertRejects } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { Directory } from "../../lib/files/directory.ts";
import { removal } from "../../lib/files/removal.ts";
import { boundSpace, spaceOf } from "../../lib/files/space.ts";
import { TreeRemoval } from "../../lib/files/tree_removal.ts";
import {
  ask,
  makeScratch,
  namesIn,
  noDisk as ignore,
  serving,
  stateFolder,
  statusOf,
} from "./scratch.ts";

const remove = { method: "DELETE" };
const recursive = (directory: Directory) =>
  removal(directory, { recursive: true });

async function makeTree(path: string, files = 50): Promise<void> {
  for (const folder of ["", "/x", "/x/y", "/z"]) {
    await Deno.mkdir(path + folder);
    for (let at = 0; at < files; at++) {
      await Deno.writeTextFile(`${path}${folder}/${at}`, "text");
    }
  }
}

Deno.test("RFC 4918 §9.6.1: DELETE removes a directory with all in it", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root, path } = scratch;
  await makeTree(`${root}/full`);
  await Deno.mkdir(`${root}/empty`);
  await Deno.mkdir(`${path}/outside`);
  await Deno.writeTextFile(`${path}/outside/kept`, "");
  await Deno.symlink("../../outside", `${root}/full/link`);
  await Deno.symlink("../outside", `${root}/link`);
  const handler = await serving(recursive, root);
  for (
    const [target, headers, status] of [
      ["full/", { "if-none-match": "*" }, 412],
      ["full/", { "if-match": '"a"' }, 412],
      ["full/0/", {}, 409],
      ["full", {}, 409],
      ["link/", {}, 409],
      ["", {}, 400],
      [".sluice-state/", {}, 403],
      ["full/", { "if-match": "*" }, 204],
      ["full/", {}, 404],
      ["empty/", {}, 204],
      ["none/", {}, 404],
    ] as const
  ) {
    const removed = ask(handler, target, { ...remove, headers });
    assertEquals(await statusOf(removed), status, target);
  }
  assertEquals(await namesIn(root), ["link"]);
  assertEquals(await namesIn(`${path}/outside`), ["kept"]);
  assertEquals(await namesIn(`${root}/${stateFolder}/removed`), []);
});

Deno.test("a directory with something hidden stays", { ignore }, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await makeTree(`${root}/full`, 2);
  await Deno.writeTextFile(`${root}/full/x/y/.env`, "secret");
  const handler = await serving(recursive, root);
  assertEquals(await statusOf(ask(handler, "full/", remove)), 409);
  assertEquals(await namesIn(`${root}/full/x`), ["0", "1", "y"]);
  await Deno.remove(`${root}/full/x/y/.env`);
  // What an upload has left is nobody's file.
  const part = `.sluice-${crypto.randomUUID()}.part`;
  await Deno.writeTextFile(`${root}/full/x/${part}`, "");
  assertEquals(await statusOf(ask(handler, "full/", remove)), 204);
  assertEquals(await namesIn(root), []);
});

Deno.test("what a killed process has left is removed", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  const left = `${root}/${stateFolder}/removed/${crypto.randomUUID()}`;
  await Deno.mkdir(`${root}/${stateFolder}/removed`, { recursive: true });
  await makeTree(left, 3);
  await Deno.mkdir(`${root}/${stateFolder}/removed/of a later version`);
  await new TreeRemoval(await Directory.open(root)).sweep();
  const kept = ["of a later version"];
  assertEquals(await namesIn(`${root}/${stateFolder}/removed`), kept);

  await makeTree(left, 3);
  await Deno.mkdir(`${root}/empty`);
  const handler = await serving(recursive, root);
  assertEquals(await statusOf(ask(handler, "empty/", remove)), 204);
  assertEquals(await namesIn(`${root}/${stateFolder}/removed`), kept);
});

Deno.test("a newer version's state is left alone", { ignore }, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await makeTree(`${root}/full`, 1);
  await Deno.mkdir(`${root}/${stateFolder}`);
  await Deno.writeTextFile(`${root}/${stateFolder}/version`, "2");
  const handler = await serving(recursive, root);
  assertEquals(await statusOf(ask(handler, "full/", remove)), 503);
  assertEquals(await namesIn(root), ["full"]);
});

Deno.test("the space of what is removed is free again", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await makeTree(`${root}/full`, 10);
  const directory = await Directory.open(root);
  await boundSpace(directory, { maxTotal: 200 });
  const space = spaceOf(directory)!;
  await space.count();
  const isFull = () => space.refuseMore(180).then(() => false, () => true);
  assertEquals(await isFull(), true);
  assertEquals(await statusOf(ask(recursive(directory), "full/", remove)), 204);
  assertEquals(await isFull(), false);
});

Deno.test("the space of what is being received is given back once", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await Deno.writeFile(`${root}/kept`, new Uint8Array(100));
  const directory = await Directory.open(root);
  await boundSpace(directory, { maxTotal: 200 });
  const space = spaceOf(directory)!;
  await space.count();
  const [written, removed] = [
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
  ];
  async function* content() {
    yield new Uint8Array(80);
    written.resolve();
    await removed.promise;
  }
  const receiving = assertRejects(
    () => directory.replaceFile("full/file", content()),
    HttpError,
    "changed the upload",
  );
  await written.promise;
  assertEquals(await statusOf(ask(recursive(directory), "full/", remove)), 204);
  removed.resolve();
  await receiving;
  await space.refuseMore(90);
  await assertRejects(() => space.refuseMore(110), HttpError, "used up");
});

Deno.test("who looks meanwhile sees all of it or nothing", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await makeTree(`${root}/full`, 100);
  const handler = await serving(recursive, root);
  let isOver = false;
  const removing = statusOf(ask(handler, "full/", remove))
    .finally(() => isOver = true);
  const seen = new Set<number>();
  while (!isOver) {
    const names = await namesIn(`${root}/full`).catch(() => []);
    seen.add(names.length);
  }
  assertEquals(await removing, 204);
  assertEquals([...seen].filter((count) => count !== 0 && count !== 102), []);
});
