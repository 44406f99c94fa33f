/**
 * Moves against each other, against uploads, listings and kill -9: 500 rounds in
 * the long form. In each, names are moved about by two processes on one
 * directory, one of which is killed at a moment that nobody chose.
 */

import { assertEquals } from "@std/assert";
import { fault, type Tally } from "./fault.ts";
import { times } from "./form.ts";
import { mayMount } from "./mounts.ts";
import { chances, mayRun, namesIn, Server } from "./server.ts";

/** Files with content of their own, by which they are known. */
const FILES = Array.from({ length: 6 }, (_, at) => `file-${at}`);
const FOLDERS = ["one", "two", "three"];
/** Moves that are made at once in a round. */
const MOVES = 24;

const chance = chances(20261130);
const any = <T>(of: readonly T[]): T => of[Math.floor(chance() * of.length)];

/** Answers that a move may get; what it would replace has to stay. */
const allowed = [201, 403, 404, 409, 412, 503];

async function ask(
  server: Server,
  path: string,
  init: RequestInit,
): Promise<number | undefined> {
  try {
    const response = await fetch(server.url(`/files/${path}`), init);
    await response.body?.cancel();
    return response.status;
  } catch {
    return undefined; // It was killed.
  }
}

function moveTo(path: string): RequestInit {
  const headers = { destination: `/files/${path}`, overwrite: "F" };
  return { method: "MOVE", headers };
}

/** The contents of all files below, sorted. */
async function contentsIn(path: string): Promise<string[]> {
  const contents: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    // Parts of uploads that were killed, and the state.
    if (name.startsWith(".sluice-")) continue;
    const below = `${path}/${name}`;
    if (isDirectory) contents.push(...await contentsIn(below));
    else if (name !== "written") contents.push(await Deno.readTextFile(below));
  }
  return contents.sort();
}

/** The paths of all files and folders below. */
async function pathsIn(root: string, start = ""): Promise<string[]> {
  const paths: string[] = [];
  for (const name of await namesIn(`${root}/${start}`)) {
    const path = start + name;
    const { isDirectory } = await Deno.lstat(`${root}/${path}`);
    paths.push(isDirectory ? `${path}/` : path);
    if (isDirectory) paths.push(...await pathsIn(root, `${path}/`));
  }
  return paths;
}

/** A listing has each name once, and so has a search. */
async function lookAt(server: Server, tally: Tally): Promise<void> {
  const headers = { accept: "application/json" };
  for (const path of ["", any(FOLDERS) + "/"]) {
    try {
      const response = await fetch(server.url(`/files/${path}`), { headers });
      if (response.status !== 200) {
        await response.body?.cancel();
        continue;
      }
      const names = (await response.json() as { name: string }[])
        .map(({ name }) => name);
      const seen = `${names.sort()}`;
      tally.expect(new Set(names).size === names.length, () => seen);
    } catch {
      // It was killed.
    }
  }
}

fault({
  fault: "files and folders are moved against each other, uploads and lists, " +
    "and one of two processes is killed",
  promise: "each file is there once, whole, and nothing else is",
  ignore: !mayRun,
}, async (tally) => {
  const root = await Deno.realPath(await Deno.makeTempDir());
  try {
    for (const name of FOLDERS) await Deno.mkdir(`${root}/${name}`);
    for (const name of FILES) {
      await Deno.writeTextFile(`${root}/${name}`, `the content of ${name}`);
    }
    const expected = await contentsIn(root);
    await using kept = await Server.start(root, "--delete");
    let victim = await Server.start(root, "--delete");
    const statuses: Record<string, number> = {};
    for (let round = 0; round < times(12, 500); round++) {
      const paths = (await pathsIn(root))
        .filter((path) => !path.endsWith("written"));
      const isFatal = chance() < 0.3;
      const work: Promise<unknown>[] = [];
      for (let at = 0; at < MOVES; at++) {
        const server = at % 2 === 0 ? kept : victim;
        const from = any(paths);
        const name = from.endsWith("/") ? any(FOLDERS) : any(FILES);
        const folder = any(["", "", ...paths.filter((it) => it.endsWith("/"))]);
        const moved = ask(server, from, moveTo(folder + name));
        work.push(moved.then((status) => {
          statuses[`${status}`] = (statuses[`${status}`] ?? 0) + 1;
          const isRight = status === undefined
            ? server === victim && isFatal
            : allowed.includes(status);
          tally.expect(isRight, () => `a move got ${status}`);
        }));
        tally.inject();
        if (at % 6 === 0) {
          const into = `${any(FOLDERS)}/written`;
          work.push(ask(server, into, { method: "PUT", body: "new" }));
          work.push(lookAt(kept, tally));
        }
      }
      if (isFatal) {
        const moment = chance() * 40;
        await new Promise((resolve) => setTimeout(resolve, moment));
        await victim.kill();
      }
      await Promise.all(work);
      const found = await contentsIn(root);
      tally.expect(
        `${found}` === `${expected}`,
        () => `round ${round}: ${found}`,
      );
      if (isFatal) victim = await Server.start(root, "--delete");
      // A PUT makes its folder anew; what was written goes, and empty ones.
      await tidy(root, kept);
    }
    await victim.kill("SIGTERM");
    console.log(JSON.stringify(statuses));
    assertEquals(await contentsIn(root), expected);
    // What uploads have left goes when the next one is received there.
    await using next = await Server.start(root, "--delete");
    const folders = (await pathsIn(root)).filter((it) => it.endsWith("/"));
    for (const folder of ["", ...folders]) {
      await ask(next, `${folder}written`, { method: "PUT", body: "" });
    }
    const hidden = (await pathsIn(root)).filter((it) => /\.sluice-/.test(it));
    assertEquals(hidden, []);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

/** Removes what was written, by the server, and makes missing folders anew. */
async function tidy(root: string, server: Server): Promise<void> {
  for (const path of await pathsIn(root)) {
    if (path.endsWith("/written")) {
      await ask(server, path, { method: "DELETE" });
    }
  }
  for (const path of (await pathsIn(root)).reverse()) {
    const isKnown = FOLDERS.some((name) => path.endsWith(`${name}/`));
    if (!path.endsWith("/") || isKnown) continue;
    await ask(server, path, { method: "DELETE" });
  }
}

fault({
  fault: "kill -9 while a folder is removed",
  promise: "it is there with all that is in it, or gone; a later removal " +
    "clears what was left",
  ignore: !mayRun,
}, async (tally) => {
  const root = await Deno.realPath(await Deno.makeTempDir());
  try {
    const seen = { whole: 0, gone: 0, left: 0 };
    for (let round = 0; round < times(4, 60); round++) {
      tally.inject();
      await Deno.mkdir(`${root}/full/sub`, { recursive: true });
      for (let at = 0; at < 500; at++) {
        Deno.writeTextFileSync(`${root}/full/${at % 2 ? "sub/" : ""}${at}`, "");
      }
      await using server = await Server.start(root, "--delete");
      const removing = ask(server, "full/", { method: "DELETE" });
      // Any moment, and any moment after it has gone for readers.
      if (round % 2 === 0) await gone(`${root}/full`);
      await new Promise((resolve) => setTimeout(resolve, chance() * 60));
      await server.kill();
      await removing;
      const names = await namesIn(`${root}/full`).catch(() => undefined);
      const below = await namesIn(`${root}/full/sub`).catch(() => undefined);
      const isWhole = names?.length === 251 && below?.length === 250;
      tally.expect(
        isWhole || !names,
        () => `${names?.length} ${below?.length}`,
      );
      seen[isWhole ? "whole" : "gone"]++;
      const graves = `${root}/.sluice-state/removed`;
      seen.left += (await namesIn(graves).catch(() => [])).length;
      await using next = await Server.start(root, "--delete");
      await Deno.mkdir(`${root}/full`, { recursive: true });
      assertEquals(await ask(next, "full/", { method: "DELETE" }), 204);
      assertEquals(await namesIn(graves), []);
    }
    console.log(JSON.stringify(seen));
    assertEquals(await namesIn(root), []);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

async function gone(path: string): Promise<void> {
  while (await Deno.lstat(path).catch(() => undefined)) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

fault({
  fault: "a file or a folder is to be moved to another file system",
  promise: "502, and nothing has changed",
  ignore: !mayRun || !mayMount,
}, async (tally) => {
  const root = await Deno.realPath(await Deno.makeTempDir());
  await Deno.mkdir(`${root}/mounted`);
  await Deno.mkdir(`${root}/folder`);
  await Deno.writeTextFile(`${root}/folder/a`, "a");
  const run = async (name: string, ...args: string[]) => {
    const { success } = await new Deno.Command(name, { args }).output();
    if (!success) throw new Error(`Cannot ${name}`);
  };
  await run("mount", "-t", "tmpfs", "tmpfs", `${root}/mounted`);
  try {
    await using server = await Server.start(root, "--delete");
    for (
      const [from, to, status] of [
        ["folder/a", "mounted/a", 502],
        ["folder/", "mounted/folder", 502],
        ["mounted/", "moved", 409],
      ] as const
    ) {
      tally.inject();
      assertEquals(await ask(server, from, moveTo(to)), status, from);
    }
    await ask(server, "mounted/sub/b", { method: "PUT", body: "b" });
    const removed = ask(server, "mounted/sub/", { method: "DELETE" });
    assertEquals(await removed, 409);
    assertEquals(await pathsIn(root), [
      ...["folder/", "folder/a", "mounted/", "mounted/sub/", "mounted/sub/b"],
    ]);
    await server.kill("SIGTERM");
  } finally {
    await run("umount", `${root}/mounted`);
    await Deno.remove(root, { recursive: true });
  }
});
