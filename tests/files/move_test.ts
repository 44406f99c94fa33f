/** MOVE and MKCOL: what is moved, what stays, and which status says so. */

import { assertEquals } from "@std/assert";
import { Directory } from "../../lib/files/directory.ts";
import { move } from "../../lib/files/move.ts";
import { leadsOut } from "../../lib/files/unmovable.ts";
import { upload } from "../../lib/files/upload.ts";
import {
  ask,
  makeScratch,
  namesIn,
  noDisk as ignore,
  serving,
  statusOf,
} from "./scratch.ts";

type Fields = Record<string, string>;

const past = "Sat, 01 Jan 2000 00:00:00 GMT";

/** The files of each case, with a directory for each name that ends with `/`. */
async function fill(root: string): Promise<void> {
  for (const name of ["d/e/", "empty/", "full/", ".git/"]) {
    await Deno.mkdir(`${root}/${name}`, { recursive: true });
  }
  for (const name of ["a", "b", "d/a", "d/e/f", "full/x", ".git/config"]) {
    await Deno.writeTextFile(`${root}/${name}`, name);
  }
}

/** All paths below a directory, sorted, without the shared state. */
async function pathsIn(root: string, start = ""): Promise<string[]> {
  const paths: string[] = [];
  for (const name of await namesIn(`${root}/${start}`)) {
    const { isDirectory } = await Deno.lstat(`${root}/${start}${name}`);
    if (!isDirectory) paths.push(start + name);
    else {
      paths.push(`${start}${name}/`);
      paths.push(...await pathsIn(root, `${start}${name}/`));
    }
  }
  return paths;
}

const cases: [
  from: string,
  to: string,
  fields: Fields,
  status: number,
  change?: [gone: string, come: string],
][] = [
  ["a", "/files/new", {}, 201, ["a", "new"]],
  ["a", "http://localhost/files/new", {}, 201, ["a", "new"]],
  ["a", "https://localhost/files/d/new%20%C3%BC", {}, 201, ["a", "d/new ü"]],
  ["a", "/files/d/../new", {}, 201, ["a", "new"]],
  ["a", "/files/new", { overwrite: "F" }, 201, ["a", "new"]],
  ["a", "/files/b", {}, 204, ["a", ""]],
  ["a", "/files/b", { overwrite: "T" }, 204, ["a", ""]],
  ["a", "/files/b", { overwrite: "F" }, 412],
  ["a", "/files/b", { overwrite: "yes" }, 400],
  ["d/", "/files/new/", {}, 201, ["d", "new"]],
  ["d/", "/files/new", { overwrite: "F" }, 201, ["d", "new"]],
  ["d/e/", "/files/e", {}, 201, ["d/e", "e"]],
  ["d/", "/files/full/d", {}, 201, ["d", "full/d"]],
  // RFC 4918 §9.9.4
  ["a", "/files/a", {}, 403],
  ["d/", "/files/d", {}, 403],
  ["d/", "/files/d/e/f2", {}, 403],
  ["d/", "/files/d/x/", {}, 403],
  ["", "/files/x", {}, 403],
  ["a", "/files/", {}, 403],
  ["d/", "/files/", {}, 403],
  ["a", "/files/none/a", {}, 409],
  ["a", "/files/b/a", {}, 409],
  ["a", "http://elsewhere/files/b", {}, 502],
  ["a", "//elsewhere/files/b", {}, 502],
  ["a", "http://localhost:81/files/b", {}, 502],
  ["a", "/other/b", {}, 403],
  ["a", "/files/../other", {}, 403],
  // What is not replaced.
  ["a", "/files/empty", {}, 409],
  ["a", "/files/empty", { overwrite: "F" }, 412],
  ["a", "/files/full/", {}, 409],
  ["d/", "/files/full", {}, 409],
  ["d/", "/files/empty/", {}, 409],
  ["d/", "/files/a", {}, 409],
  ["d/", "/files/a", { overwrite: "F" }, 412],
  ["d", "/files/new", {}, 409],
  ["a/", "/files/new", {}, 409],
  ["a", "/files/new/", {}, 409],
  // What is not there, or not to be seen.
  ["none", "/files/new", {}, 404],
  ["none", "/files/none/new", {}, 404],
  ["none/", "/files/new", {}, 404],
  ["none/a", "/files/new", {}, 404],
  ["b/a", "/files/new", {}, 404],
  [".git/", "/files/new", {}, 403],
  [".git/config", "/files/new", {}, 403],
  ["a", "/files/.git/a", {}, 403],
  ["a", "/files/.hidden", {}, 403],
  ["a", "/files/.sluice-state/a", {}, 403],
  ["a", "/files/a%2fb", {}, 400],
  ["a", "/files/%2e%2e%2fa", {}, 400],
  ["a", "/files/%ff", {}, 400],
  ["a", `/files/${"n".repeat(300)}`, {}, 400],
  ["a", "b", {}, 400],
  ["a", "", {}, 400],
  ["a", "/files/b?x", {}, 400],
  ["a", "ftp://localhost/files/b", {}, 400],
  ["a", "http://user@localhost/files/b", {}, 502],
  // RFC 9110 §13.1: about what is moved.
  ["a", "/files/new", { "if-match": "*" }, 201, ["a", "new"]],
  ["a", "/files/new", { "if-match": '"a"' }, 412],
  ["a", "/files/new", { "if-none-match": "*" }, 412],
  ["a", "/files/new", { "if-unmodified-since": past }, 412],
  ["none", "/files/new", { "if-match": "*" }, 404],
  ["d/", "/files/new", { "if-match": "*" }, 201, ["d", "new"]],
  ["d/", "/files/new", { "if-match": '"a"' }, 412],
  ["d/", "/files/new", { "if-none-match": "*" }, 412],
];

Deno.test("RFC 4918 §9.9: what MOVE moves, and what it refuses", {
  ignore,
}, async () => {
  for (const [from, to, fields, status, change] of cases) {
    await using scratch = await makeScratch();
    const { root } = scratch;
    await fill(root);
    const before = await pathsIn(root);
    const handler = await serving(move, root);
    const headers = { destination: to, ...fields };
    const moved = ask(handler, from, { method: "MOVE", headers });
    const label = `${from} > ${to} ${JSON.stringify(fields)}`;
    assertEquals(await statusOf(moved), status, label);
    const expected = change === undefined
      ? before
      : before.flatMap((path) => renamed(path, change)).sort();
    assertEquals((await pathsIn(root)).sort(), expected.sort(), label);
    if (status === 204) {
      assertEquals(await Deno.readTextFile(`${root}/b`), "a", label);
    }
  }
});

function renamed(path: string, [gone, come]: [string, string]): string[] {
  if (path !== gone && !path.startsWith(`${gone}/`)) return [path];
  return come === "" ? [] : [come + path.slice(gone.length)];
}

Deno.test("RFC 4918 §9.9.3: 201 has a Location, 204 has none", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await fill(scratch.root);
  const handler = await serving(move, scratch.root);
  const answer = async (from: string, destination: string) => {
    const headers = { destination };
    const response = await ask(handler, from, { method: "MOVE", headers });
    return [response.status, response.headers.get("location")];
  };
  assertEquals(await answer("a", "/files/d/n%20w"), [201, "/files/d/n%20w"]);
  assertEquals(await answer("b", "/files/d/n%20w"), [204, null]);
});

Deno.test("no move shows what a pattern for a path hides, or hides more", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  for (const path of ["a/private/x", "b/x", "c/d/a.key"]) {
    await Deno.mkdir(`${root}/${path}`, { recursive: true });
  }
  const hide = ["/a/private", "/e/x", "*.key"];
  const handler = move(await Directory.open(root, { hide }));
  const statuses: Record<string, number> = {
    "a/ e": 409,
    "b/ e": 409,
    "b/ a/private": 403,
    "b/ f.key": 403,
    "a/private/ f": 403,
    // These names are hidden everywhere.
    "c/d/ g": 201,
    "c/ h": 201,
  };
  for (const [names, status] of Object.entries(statuses)) {
    const [from, to] = names.split(" ");
    const headers = { destination: `/files/${to}` };
    const moved = ask(handler, from, { method: "MOVE", headers });
    assertEquals(await statusOf(moved), status, names);
  }
});

Deno.test("a file that replaces another is newer than that one", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await fill(root);
  await Deno.utime(`${root}/a`, 1000, 1000);
  await Deno.utime(`${root}/b`, 2_000_000_000, 2_000_000_000);
  const handler = await serving(move, root);
  const headers = { destination: "/files/b" };
  const moved = ask(handler, "a", { method: "MOVE", headers });
  assertEquals(await statusOf(moved), 204);
  const { mtime } = await Deno.stat(`${root}/b`);
  assertEquals(mtime! > new Date(2_000_000_000_000), true);
});

Deno.test("of a file with two names, MOVE of one to the other leaves one", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await Deno.writeTextFile(`${root}/a`, "text");
  await Deno.link(`${root}/a`, `${root}/b`);
  const handler = await serving(move, root);
  const headers = { destination: "/files/b" };
  const moved = ask(handler, "a", { method: "MOVE", headers });
  assertEquals(await statusOf(moved), 204);
  assertEquals(await namesIn(root), ["b"]);
});

Deno.test("links are moved themselves, and lead nowhere else", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root, path } = scratch;
  await fill(root);
  await Deno.mkdir(`${path}/outside`);
  await Deno.symlink("../outside", `${root}/out`);
  await Deno.symlink("a", `${root}/near`);
  await Deno.symlink(`${root}/a`, `${root}/far`);
  await Deno.symlink("../a", `${root}/d/up`);
  await Deno.mkdir(`${root}/tree/sub`, { recursive: true });
  await Deno.symlink("../other", `${root}/tree/sub/within`);
  await Deno.symlink("d", `${root}/link`);
  const handler = await serving(move, root);
  for (
    const [from, to, status] of [
      ["near", "near2", 201],
      ["near2", "d/near", 409],
      ["far", "d/far", 201],
      ["d/up", "d/up2", 201],
      ["d/up2", "up", 409],
      // It holds one that leads out of it.
      ["d/", "tree/d", 409],
      ["d/", "d2", 201],
      ["tree/", "full/tree", 201],
      ["link/", "link2", 409],
      ["a", "out/a", 409],
      ["out/", "out2", 409],
      ["out", "out2", 201],
      ["out2/x", "x", 404],
    ] as const
  ) {
    const headers = { destination: `/files/${to}` };
    const moved = ask(handler, from, { method: "MOVE", headers });
    assertEquals(await statusOf(moved), status, `${from} > ${to}`);
  }
  assertEquals(await namesIn(`${path}/outside`), []);
  for (
    const [text, depth, expected] of [
      ["a", 0, false],
      ["../a", 0, true],
      ["../a", 1, false],
      ["./.././../a", 1, true],
      ["a/../../b", 5, true],
      ["/etc/passwd", 0, false],
      ["..", 1, false],
      ["..", 0, true],
    ] as const
  ) assertEquals(leadsOut(text, depth), expected, `${text} at ${depth}`);
});

Deno.test("MOVE into a hidden name or a tree that vanishes leaves nothing", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await fill(root);
  const handler = await serving(move, root);
  const headers = { destination: "/files/d/e/a" };
  const both = await Promise.all([
    statusOf(ask(handler, "a", { method: "MOVE", headers })),
    statusOf(ask(handler, "d/", {
      method: "MOVE",
      headers: { destination: "/files/d2" },
    })),
  ]);
  // Either the file was first, or its destination was gone.
  const found = (await pathsIn(root)).filter((path) => /(^|\/)a$/.test(path));
  assertEquals(both[1], 201);
  assertEquals(
    found,
    both[0] === 201 ? ["d2/a", "d2/e/a"] : ["a", "d2/a"],
    String(both),
  );
});

Deno.test("an upload into a directory that is moved goes along, or fails", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await fill(root);
  const directory = await Directory.open(root);
  const body = new TransformStream<Uint8Array<ArrayBuffer>>();
  const writer = body.writable.getWriter();
  const putting = statusOf(ask(upload(directory), "d/new", {
    method: "PUT",
    body: body.readable,
  }));
  await writer.write(new Uint8Array(100_000));
  await writer.write(new Uint8Array(1));
  const headers = { destination: "/files/d2" };
  const moved = ask(move(directory), "d/", { method: "MOVE", headers });
  assertEquals(await statusOf(moved), 201);
  await writer.close();
  assertEquals(await putting, 503);
  const left = (await namesIn(`${root}/d2`))
    .filter((name) => name.startsWith(".sluice-"));
  // Its octets are no longer there; its name goes with the next start.
  for (const name of left) {
    assertEquals((await Deno.stat(`${root}/d2/${name}`)).size, 0);
  }
  assertEquals(await namesIn(root), [".git", "a", "b", "d2", "empty", "full"]);
});

Deno.test("what MOVE must not replace gets a 403", { ignore }, async () => {
  await using scratch = await makeScratch();
  await fill(scratch.root);
  const asked: string[] = [];
  const handler = await serving((directory) =>
    move(directory, {
      mayReplace(path) {
        asked.push(path);
        return false;
      },
    }), scratch.root);
  const to = (destination: string, fields: Fields = {}) =>
    statusOf(ask(handler, "a", {
      method: "MOVE",
      headers: { destination, ...fields },
    }));
  assertEquals(await to("/files/b", { overwrite: "F" }), 412);
  assertEquals(await to("/files/b"), 403);
  assertEquals(await to("/files/d/new"), 201);
  assertEquals(asked, ["b", "b", "d/new"]);
});

Deno.test("RFC 4918 §9.3: MKCOL makes one directory", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await fill(root);
  const methods = ["GET", "MKCOL"];
  const handler = await serving(
    (directory) => upload(directory, { methods }),
    root,
  );
  for (
    const [path, init, status] of [
      ["new", {}, 201],
      ["new/", {}, 405],
      ["n%20w/", {}, 201],
      ["a", {}, 405],
      ["a/", {}, 405],
      ["", {}, 405],
      ["none/new/", {}, 409],
      ["a/new/", {}, 409],
      [".hidden/", {}, 403],
      [".sluice-state/", {}, 403],
      ["%2e%2e%2fx/", {}, 400],
      ["c/", { body: "<x/>" }, 415],
      ["c", { body: "x", headers: { "upload-complete": "?1" } }, 415],
      ["c/", { headers: { "if-none-match": "*" } }, 201],
      ["c/", { headers: { "if-none-match": "*" } }, 405],
      ["e/", { headers: { "if-match": "*" } }, 412],
    ] as [string, RequestInit, number][]
  ) {
    const made = ask(handler, path, { method: "MKCOL", ...init });
    assertEquals(await statusOf(made), status, `${path} ${status}`);
  }
  assertEquals(await namesIn(root), [
    ...[".git", "a", "b", "c", "d", "empty", "full", "n w", "new"],
  ]);
  const error = await ask(handler, "a", { method: "MKCOL" })
    .catch((error) => error);
  assertEquals(new Headers(error.headers).get("allow"), "GET, MKCOL");
});
