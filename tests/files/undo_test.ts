/** What is deleted with `?undo=` comes back, or goes when its time is over. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Directory } from "../../lib/files/directory.ts";
import { putBackLeft } from "../../lib/files/put_back.ts";
import { boundSpace, spaceOf } from "../../lib/files/space.ts";
import { UndoableRemovals } from "../../lib/files/undo.ts";
import { localInfo } from "../support/local_info.ts";
import {
  ask,
  makeScratch,
  namesIn,
  noDisk as ignore,
  stateFolder,
  statusOf,
  until,
} from "./scratch.ts";

const pattern = new URLPattern({ pathname: "/undo/:id" });

/** Undoes, or enacts, what an answer says. */
async function answerTo(
  { handler }: UndoableRemovals,
  url: string,
  method = "POST",
): Promise<Response> {
  const request = new Request(new URL(url, "http://localhost"), { method });
  return await handler(request, localInfo, pattern.exec(request.url)!);
}

async function open(
  root: string,
): Promise<UndoableRemovals & AsyncDisposable> {
  const removals = new UndoableRemovals(await Directory.open(root), {
    path: "/undo/",
  });
  return Object.assign(removals, {
    [Symbol.asyncDispose]: () => removals.close(),
  });
}

/** Deletes something. @returns where that can be undone. */
async function remove(
  removals: UndoableRemovals,
  path: string,
  headers = {},
): Promise<string> {
  const init = { method: "DELETE", headers };
  const response = await ask(removals.remove, path, init);
  assertEquals(response.status, 202);
  const { undo, until } = await response.json();
  assertEquals(response.headers.get("location"), undo);
  assertEquals(response.headers.get("cache-control"), "no-store");
  assert(Date.parse(until) > Date.now());
  return undo;
}

/** What is kept: things and their records. */
async function keptIn(root: string): Promise<string[]> {
  const folder = `${root}/${stateFolder}/deleted`;
  const kept: string[] = [];
  for (const owner of await namesIn(folder)) {
    kept.push(...await namesIn(`${folder}/${owner}`));
  }
  return kept.filter((name) => name !== "lock");
}

async function makeThings(root: string): Promise<void> {
  await Deno.writeTextFile(`${root}/a.txt`, "text");
  await Deno.symlink("a.txt", `${root}/link`);
  await Deno.mkdir(`${root}/full/x`, { recursive: true });
  await Deno.writeTextFile(`${root}/full/x/b`, "deep");
}

Deno.test("a deletion is undone: files, links and directories", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await makeThings(root);
  await using removals = await open(root);
  const before = await Deno.stat(`${root}/a.txt`);
  for (const path of ["a.txt", "link", "full/"]) {
    const undo = await remove(removals, `${path}?undo=10`);
    assertMatch(undo, /^\/undo\/[\da-f-]{36}\.[\da-f-]{36}$/);
    assertEquals((await namesIn(root)).includes(path.replace("/", "")), false);
    const back = await answerTo(removals, undo);
    assertEquals(back.status, 201);
    assertEquals(await back.json(), { path });
    assertEquals(await statusOf(answerTo(removals, undo)), 404);
  }
  assertEquals(await namesIn(root), ["a.txt", "full", "link"]);
  assertEquals(await Deno.readTextFile(`${root}/full/x/b`), "deep");
  assertEquals(await Deno.readLink(`${root}/link`), "a.txt");
  const after = await Deno.stat(`${root}/a.txt`);
  assertEquals([after.ino, after.mtime], [before.ino, before.mtime]);
  assertEquals(await keptIn(root), []);
});

Deno.test("what is not undone is removed when its time is over", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await makeThings(root);
  await using removals = await open(root);
  const undo = await remove(removals, "a.txt?undo=1");
  await remove(removals, "full/?undo=1");
  assertEquals((await keptIn(root)).length, 4);
  const removed = `${root}/${stateFolder}/removed`;
  await until(async () =>
    (await keptIn(root)).length === 0 && (await namesIn(removed)).length === 0
  );
  assertEquals(await statusOf(answerTo(removals, undo)), 404);
  assertEquals(await namesIn(root), ["link"]);
});

Deno.test("a deletion is enacted at once on demand, and at the end", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await makeThings(root);
  {
    await using removals = await open(root);
    const undo = await remove(removals, "full/?undo=60");
    assertEquals(await statusOf(answerTo(removals, undo, "DELETE")), 204);
    assertEquals(await keptIn(root), []);
    await remove(removals, "a.txt?undo=60");
    assertEquals((await keptIn(root)).length, 2);
  }
  assertEquals(await namesIn(`${root}/${stateFolder}/deleted`), []);
  assertEquals(await namesIn(root), ["link"]);
});

Deno.test("a name that is in use is not taken away", { ignore }, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await makeThings(root);
  await using removals = await open(root);
  const undo = await remove(removals, "a.txt?undo=10");
  await Deno.writeTextFile(`${root}/a.txt`, "new");
  assertEquals(await statusOf(answerTo(removals, undo)), 409);
  for (
    const [name, status] of [
      ["full", 409],
      ["full/a", 400],
      ["..", 400],
      ["", 400],
      [".a", 403],
      ["b%.txt", 201],
    ] as const
  ) {
    const named = `${undo}?name=${encodeURIComponent(name)}`;
    assertEquals(await statusOf(answerTo(removals, named)), status, name);
  }
  assertEquals(await Deno.readTextFile(`${root}/a.txt`), "new");
  assertEquals(await Deno.readTextFile(`${root}/b%.txt`), "text");

  // No name would be that of the directory above.
  const below = await remove(removals, "full/x/b?undo=10");
  assertEquals(await statusOf(answerTo(removals, `${below}?name=`)), 400);
  assertEquals(await statusOf(answerTo(removals, below)), 201);

  // What was in a directory comes back after it.
  const file = await remove(removals, "full/x/b?undo=10");
  const folder = await remove(removals, "full/?undo=10");
  assertEquals(await statusOf(answerTo(removals, file)), 409);
  assertEquals(await statusOf(answerTo(removals, folder)), 201);
  assertEquals(await statusOf(answerTo(removals, file)), 201);
  assertEquals(await namesIn(`${root}/full/x`), ["b"]);
});

Deno.test("what cannot be deleted stays, and nothing is kept of it", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await makeThings(root);
  await Deno.writeTextFile(`${root}/full/.env`, "secret");
  await using removals = await open(root);
  const none: Record<string, string> = {};
  for (
    const [path, headers, status] of [
      ["a.txt?undo=0", none, 400],
      ["a.txt?undo=61", none, 400],
      ["a.txt?undo=", none, 400],
      ["a.txt?undo=1e1", none, 400],
      ["a.txt?undo=10", { "if-match": '"other"' }, 412],
      ["full/x/?undo=10", { "if-none-match": "*" }, 412],
      ["full/?undo=10", none, 409],
      ["full?undo=10", none, 409],
      ["a.txt/?undo=10", none, 409],
      ["none?undo=10", none, 404],
      ["none/?undo=10", none, 404],
      ["none/a?undo=10", none, 404],
      ["?undo=10", none, 400],
      [".env?undo=10", none, 403],
      [".sluice-state/?undo=10", none, 403],
    ] as [string, Record<string, string>, number][]
  ) {
    const init = { method: "DELETE", headers };
    const asked = ask(removals.remove, path, init);
    assertEquals(await statusOf(asked), status, path);
  }
  assertEquals(await namesIn(root), ["a.txt", "full", "link"]);
  assertEquals(await keptIn(root), []);
  const id = `${crypto.randomUUID()}.${crypto.randomUUID()}`;
  for (const each of [id, "x", "..", "%2e%2e", `${id}.json`]) {
    assertEquals(await statusOf(answerTo(removals, `/undo/a${each}`)), 404);
  }
});

Deno.test("its space is free when it is gone, and not before", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await Deno.writeFile(`${root}/file`, new Uint8Array(100));
  await Deno.mkdir(`${root}/full`);
  await Deno.writeFile(`${root}/full/file`, new Uint8Array(100));
  const directory = await Directory.open(root);
  await boundSpace(directory, { maxTotal: 300 });
  const space = spaceOf(directory)!;
  await space.count();
  const removals = new UndoableRemovals(directory, { path: "/undo/" });
  const fits = (size: number) =>
    space.refuseMore(size).then(() => true, () => false);
  // Its records and locks take up some as well, once they are counted.
  for (const path of ["file", "full/"]) {
    const undo = await remove(removals, `${path}?undo=10`);
    await answerTo(removals, undo);
  }
  assertEquals([await fits(100), await fits(101)], [true, false]);
  for (const [path, free] of [["file", 200], ["full/", 300]] as const) {
    const undo = await remove(removals, `${path}?undo=10`);
    assertEquals(await fits(free), false);
    assertEquals(await statusOf(answerTo(removals, undo, "DELETE")), 204);
    assertEquals([await fits(free), await fits(free + 1)], [true, false]);
  }
  await removals.close();
});

Deno.test("processes on one directory undo each other's deletions", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await makeThings(root);
  await using one = await open(root);
  await using other = await open(root);
  const undo = await remove(one, "a.txt?undo=10");
  // Nobody takes for dead who is alive.
  assertEquals(await putBackLeft(await Directory.open(root)), 0);
  const both = [answerTo(one, undo), answerTo(other, undo)].map(statusOf);
  assertEquals((await Promise.all(both)).sort(), [201, 404]);
  assertEquals(await Deno.readTextFile(`${root}/a.txt`), "text");
  const again = await remove(one, "full/?undo=10");
  assertEquals(await statusOf(answerTo(other, again, "DELETE")), 204);
  assertEquals(await namesIn(root), ["a.txt", "link"]);
});

Deno.test("what a crash has left comes back, beside what has its name", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await Deno.writeTextFile(`${root}/a.txt`, "new");
  await Deno.writeTextFile(`${root}/a (restored).txt`, "older");
  const owner = crypto.randomUUID();
  const folder = `${root}/${stateFolder}/deleted/${owner}`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/lock`, "");
  const keep = async (path: string, time: number, content?: string) => {
    const token = crypto.randomUUID();
    const record = JSON.stringify({ path, time });
    await Deno.writeTextFile(`${folder}/${token}.json`, record);
    if (content === undefined) return;
    if (!path.endsWith("/")) {
      return await Deno.writeTextFile(`${folder}/${token}`, content);
    }
    await Deno.mkdir(`${folder}/${token}`);
    await Deno.writeTextFile(`${folder}/${token}/c`, content);
  };
  await keep("a.txt", 1, "old");
  await keep("d/b", 2, "before its directory");
  await keep("d/", 3, "in it");
  await keep("gone/far/e", 4, "without a directory");
  await keep("not/kept", 5);
  await Deno.writeTextFile(`${folder}/of a later version`, "");
  const directory = await Directory.open(root);
  assertEquals(await putBackLeft(directory), 4);
  assertEquals(await putBackLeft(directory), 0);
  const told = async (path: string) =>
    await Deno.readTextFile(`${root}/${path}`);
  assertEquals(await told("a.txt"), "new");
  assertEquals(await told("a (restored 2).txt"), "old");
  assertEquals(await namesIn(`${root}/d`), ["b", "c"]);
  assertEquals(await told("gone/far/e"), "without a directory");
  assertEquals((await namesIn(root)).includes("not"), false);
  assertEquals(await keptIn(root), ["of a later version"]);
  await Deno.remove(`${folder}/of a later version`);
  await putBackLeft(directory);
  assertEquals(await namesIn(`${root}/${stateFolder}/deleted`), []);
});

Deno.test("what a crash has left stays where it cannot come back", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root, path } = scratch;
  await Deno.mkdir(`${path}/outside`);
  await Deno.symlink("../outside", `${root}/link`);
  await Deno.writeTextFile(`${root}/file`, "");
  const folder = `${root}/${stateFolder}/deleted/${crypto.randomUUID()}`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/lock`, "");
  for (const path of ["link/a", "file/a", "../a", ".env"]) {
    const place = `${folder}/${crypto.randomUUID()}`;
    await Deno.writeTextFile(place, "kept");
    const record = JSON.stringify({ path, time: 1 });
    await Deno.writeTextFile(`${place}.json`, record);
  }
  assertEquals(await putBackLeft(await Directory.open(root)), 0);
  assertEquals(await namesIn(root), ["file", "link"]);
  assertEquals(await namesIn(path), ["outside", "root"]);
  assertEquals(await namesIn(`${path}/outside`), []);
  assertEquals((await keptIn(root)).length, 8);
});
