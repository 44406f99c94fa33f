/** Nothing outside of a directory is read or written, whatever lies inside. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { Directory } from "../../lib/files/directory.ts";
import { hasTool } from "../clients/tool.ts";
import { countCalls } from "./counted_calls.ts";
import {
  makeScratch,
  namesIn,
  noDisk as ignore,
  type Scratch,
  stateFolder,
} from "./scratch.ts";

async function read(directory: Directory, path: string): Promise<string> {
  const { file } = await directory.openFile(path);
  return await new Response(file.readable).text();
}

async function write(
  directory: Directory,
  path: string,
  text: string,
): Promise<void> {
  await directory.replaceFile(path, new Response(text).body!);
}

async function statusOf(attempt: Promise<unknown>): Promise<number> {
  return (await assertRejects(() => attempt, HttpError)).status;
}

/** Files inside and outside, and every kind of link between them. */
async function makeLinks({ path, root }: Scratch): Promise<void> {
  await Deno.mkdir(`${path}/outside/sub`, { recursive: true });
  await Deno.writeTextFile(`${path}/outside/secret.txt`, "secret");
  await Deno.mkdir(`${path}/rooted`);
  await Deno.writeTextFile(`${path}/rooted/a.txt`, "sibling");
  await Deno.mkdir(`${root}/sub/deep`, { recursive: true });
  await Deno.writeTextFile(`${root}/a.txt`, "inside");
  await Deno.writeTextFile(`${root}/sub/b.txt`, "below");
  for (
    const [name, goal] of [
      ["link", "a.txt"],
      ["absolute", `${root}/a.txt`],
      ["chain", "link"],
      ["down", "sub/b.txt"],
      ["dir", "sub"],
      ["round", "../root/a.txt"],
      ["sub/up", "../a.txt"],
      ["sub/deep/dirup", "../../sub"],
      ["out", "../outside/secret.txt"],
      ["outabsolute", `${path}/outside/secret.txt`],
      ["outchain", "out"],
      ["outdir", "../outside"],
      ["outsibling", "../rooted/a.txt"],
      ["parent", ".."],
      ["sub/outdir", "../../outside"],
      ["dangling", "nowhere"],
      ["outdangling", "../outside/nowhere"],
      ["loop", "loop"],
      ["self", "."],
    ]
  ) {
    await Deno.symlink(goal, `${root}/${name}`);
  }
}

Deno.test("links are followed inside only", { ignore }, async (t) => {
  await using scratch = await makeScratch();
  await makeLinks(scratch);
  const directory = await Directory.open(scratch.root);
  for (
    const [path, expected] of [
      ["a.txt", "inside"],
      ["sub/b.txt", "below"],
      ["link", "inside"],
      ["absolute", "inside"],
      ["chain", "inside"],
      ["down", "below"],
      ["dir/b.txt", "below"],
      ["round", "inside"],
      ["sub/up", "inside"],
      ["sub/deep/dirup/b.txt", "below"],
      ["self/self/a.txt", "inside"],
      ["%61.txt", "inside"],
      ["out", 404],
      ["outabsolute", 404],
      ["outchain", 404],
      ["outdir", 404],
      ["outdir/secret.txt", 404],
      ["outdir/nowhere", 404],
      ["outsibling", 404],
      ["parent", 404],
      ["parent/root/a.txt", "inside"],
      ["parent/outside/secret.txt", 404],
      ["sub/outdir/secret.txt", 404],
      ["dangling", 404],
      ["outdangling", 404],
      ["loop", 404],
      ["loop/a", 404],
      ["nowhere", 404],
      ["a.txt/b", 404],
      ["a.txt/", 404],
      ["sub", 404],
      ["dir", 404],
      ["", 404],
      [".", 404],
      ["..", 404],
      ["../outside/secret.txt", 404],
      ["%2e%2e/outside/secret.txt", 404],
      ["..%2foutside%2fsecret.txt", 404],
      ["%2e%2e%2foutside%2fsecret.txt", 404],
      ["..%5Coutside%5Csecret.txt", 404],
      ["sub/../../outside/secret.txt", 404],
      [encodeURIComponent(`${scratch.path}/outside/secret.txt`), 404],
      ["a.txt%00", 404],
      ["%00", 404],
      ["%FF", 400],
      ["x".repeat(300), 404],
      ["x".repeat(5000), 404],
      ["x/".repeat(3000) + "x", 404],
    ] as [string, string | number][]
  ) {
    await t.step(`read ${path.slice(0, 40)}`, async () => {
      if (typeof expected === "string") {
        assertEquals(await read(directory, path), expected);
      } else assertEquals(await statusOf(directory.openFile(path)), expected);
    });
  }
});

Deno.test("a file is written inside only", { ignore }, async (t) => {
  for (
    const [path, expected] of [
      ["a.txt", "root/a.txt"],
      ["new.txt", "root/new.txt"],
      ["new%20%E2%82%AC", "root/new €"],
      ["sub/b.txt", "root/sub/b.txt"],
      ["dir/c.txt", "root/sub/c.txt"],
      ["sub/deep/dirup/c.txt", "root/sub/c.txt"],
      // A link is replaced, not what it leads to.
      ["link", "root/link"],
      ["chain", "root/chain"],
      ["dir", "root/dir"],
      ["out", "root/out"],
      ["outdir", "root/outdir"],
      ["dangling", "root/dangling"],
      ["outdangling", "root/outdangling"],
      ["loop", "root/loop"],
      ["parent/root/a.txt", "root/a.txt"],
      ["nowhere/new.txt", "root/nowhere/new.txt"],
      ["sub/a/b/c/new.txt", "root/sub/a/b/c/new.txt"],
      ["outdir/secret.txt", 409],
      ["outdir/new.txt", 409],
      ["outdir/sub/new.txt", 409],
      ["parent/new.txt", 409],
      ["sub/outdir/new.txt", 409],
      ["outdir/nowhere/new.txt", 409],
      ["a.txt/new.txt", 409],
      ["dangling/new.txt", 409],
      ["loop/new.txt", 409],
      ["sub", 409],
      ["sub/deep", 409],
      ["", 400],
      ["sub/", 400],
      ["..", 400],
      ["../new.txt", 400],
      ["%2e%2e%2fnew.txt", 400],
      ["..%5Cnew.txt", 400],
      ["a%00", 400],
      ["%FF", 400],
      [".hidden", 403],
      ["sub/.hidden", 403],
      ["x".repeat(300), 400],
      ["x".repeat(5000), 400],
      ["x/".repeat(3000) + "x", 400],
    ] as [string, string | number][]
  ) {
    await t.step(`write ${path.slice(0, 40)}`, async () => {
      await using scratch = await makeScratch();
      await makeLinks(scratch);
      const directory = await Directory.open(scratch.root);
      const before = await everything(scratch.path);
      const writing = write(directory, path, "written");
      if (typeof expected === "number") {
        assertEquals(await statusOf(writing), expected);
      } else {
        await writing;
        before.set(expected, "written");
      }
      assertEquals(await everything(scratch.path), sorted(before));
    });
  }
});

/** Each file with its text and each link with its goal, by path. */
async function everything(
  path: string,
  prefix = "",
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { name, isDirectory, isSymlink } of Deno.readDir(path)) {
    if (name === stateFolder) continue;
    const inner = `${path}/${name}`;
    if (isDirectory) {
      const below = await everything(inner, `${prefix}${name}/`);
      for (const [key, value] of below) found.set(key, value);
    } else {
      const value = isSymlink
        ? `-> ${await Deno.readLink(inner)}`
        : await Deno.readTextFile(inner);
      found.set(prefix + name, value);
    }
  }
  return sorted(found);
}

function sorted(map: Map<string, string>): Map<string, string> {
  return new Map([...map].sort(([a], [b]) => a < b ? -1 : 1));
}

Deno.test("hidden files are not there, but for .well-known", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await Deno.mkdir(`${scratch.root}/.well-known`);
  await Deno.mkdir(`${scratch.root}/.git`);
  for (const path of [".well-known/a", ".git/config", ".env"]) {
    await Deno.writeTextFile(`${scratch.root}/${path}`, path);
  }
  const directory = await Directory.open(scratch.root);
  assertEquals(await read(directory, ".well-known/a"), ".well-known/a");
  await write(directory, ".well-known/b", "b");
  for (const path of [".git/config", ".env", "%2eenv"]) {
    assertEquals(await statusOf(directory.openFile(path)), 404);
    assertEquals(await statusOf(write(directory, path, "")), 403);
  }
});

Deno.test("a FIFO is refused without being opened", {
  ignore: ignore || !await hasTool("mkfifo"),
}, async () => {
  await using scratch = await makeScratch();
  const args = [`${scratch.root}/fifo`];
  const { success } = await new Deno.Command("mkfifo", { args }).output();
  assert(success);
  await Deno.symlink("fifo", `${scratch.root}/link`);
  const directory = await Directory.open(scratch.root);
  assertEquals(await statusOf(directory.openFile("fifo")), 404);
  assertEquals(await statusOf(directory.openFile("link")), 404);
  assertEquals(await statusOf(write(directory, "fifo", "a")), 409);
  assertEquals(await namesIn(scratch.root), ["fifo", "link"]);
});

Deno.test("a link to a device is refused", {
  ignore: ignore || Deno.build.os === "windows",
}, async () => {
  await using scratch = await makeScratch();
  await Deno.symlink("/dev/zero", `${scratch.root}/zero`);
  const directory = await Directory.open(scratch.root);
  assertEquals(await statusOf(directory.openFile("zero")), 404);
});

Deno.test("only a directory is opened", { ignore }, async () => {
  await using scratch = await makeScratch();
  await Deno.writeTextFile(`${scratch.path}/file`, "");
  await assertRejects(
    () => Directory.open(`${scratch.path}/nowhere`),
    Deno.errors.NotFound,
  );
  await assertRejects(
    () => Directory.open(`${scratch.path}/file`),
    Deno.errors.NotADirectory,
  );
});

Deno.test("the directory itself may be or lie behind a link", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await makeLinks(scratch);
  await Deno.symlink("root", `${scratch.path}/alias`);
  await Deno.symlink(".", `${scratch.path}/here`);
  for (const root of ["alias", "alias/", "here/root", "here/alias/sub/.."]) {
    const directory = await Directory.open(`${scratch.path}/${root}`);
    assertEquals(await read(directory, "down"), "below");
    assertEquals(await read(directory, "round"), "inside");
    assertEquals(await statusOf(directory.openFile("out")), 404);
    await write(directory, "dir/new.txt", root);
    assertEquals(
      await Deno.readTextFile(`${scratch.root}/sub/new.txt`),
      root,
    );
  }
});

Deno.test("a directory that is gone has no files", { ignore }, async () => {
  await using scratch = await makeScratch();
  await Deno.writeTextFile(`${scratch.root}/a`, "");
  const directory = await Directory.open(scratch.root);
  await Deno.remove(scratch.root, { recursive: true });
  assertEquals(await statusOf(directory.openFile("a")), 404);
  assertEquals(await statusOf(write(directory, "a", "")), 409);
});

Deno.test("the disk's own file system is served as well", {
  ignore: ignore || Deno.build.os === "windows",
}, async () => {
  await using scratch = await makeScratch();
  await Deno.writeTextFile(`${scratch.root}/a`, "from the top");
  const directory = await Directory.open("/");
  const path = `${scratch.root}/a`.slice(1);
  assertEquals(await read(directory, path), "from the top");
});

Deno.test("a writer that fails changes nothing", { ignore }, async () => {
  await using scratch = await makeScratch();
  await Deno.writeTextFile(`${scratch.root}/a`, "old");
  const directory = await Directory.open(scratch.root);
  for (const path of ["a", "b"]) {
    await assertRejects(
      () =>
        directory.replaceFile(
          path,
          (async function* () {
            yield new Uint8Array(1000);
            throw new RangeError("Failed");
          })(),
        ),
      RangeError,
    );
  }
  assertEquals(await namesIn(scratch.root), ["a"]);
  assertEquals(await Deno.readTextFile(`${scratch.root}/a`), "old");
});

Deno.test("a disk that is full changes nothing", { ignore }, async () => {
  await using scratch = await makeScratch();
  await Deno.writeTextFile(`${scratch.root}/a`, "old");
  const directory = await Directory.open(scratch.root);
  using _full = countCalls(Deno.FsFile.prototype, "write", () => {
    throw Object.assign(new Error("No space"), { code: "ENOSPC" });
  });
  const writing = write(directory, "a", "new");
  assertEquals(await statusOf(writing), 507);
  assertEquals(await namesIn(scratch.root), ["a"]);
  assertEquals(await Deno.readTextFile(`${scratch.root}/a`), "old");
});

Deno.test("a part that lost its place is not put under the name", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { path, root } = scratch;
  await Deno.mkdir(`${root}/sub`);
  await Deno.mkdir(`${path}/outside`);
  await Deno.writeTextFile(`${root}/a`, "old");
  const directory = await Directory.open(root);
  const attempts: Record<string, (part: string) => Promise<void>> = {
    "a": (part) => Deno.remove(`${root}/${part}`),
    "b": async (part) => {
      await Deno.remove(`${root}/${part}`);
      await Deno.writeTextFile(`${root}/${part}`, "not ours");
    },
    "sub/a": async () => {
      await Deno.rename(`${root}/sub`, `${path}/outside/sub`);
      await Deno.symlink("../outside/sub", `${root}/sub`);
    },
  };
  for (const [name, disturb] of Object.entries(attempts)) {
    const folder = name.startsWith("sub") ? `${root}/sub` : root;
    const writing = directory.replaceFile(
      name,
      (async function* () {
        yield new Uint8Array(10);
        const names = await namesIn(folder);
        await disturb(names.find((name) => name.endsWith(".part"))!);
      })(),
    );
    assertEquals(await statusOf(writing), 503, name);
  }
  assertEquals(await Deno.readTextFile(`${root}/a`), "old");
  assertEquals(await namesIn(root), ["a", "sub"]);
  assertEquals(await namesIn(`${path}/outside/sub`), []);
});

Deno.test("a reader keeps what it opened", { ignore }, async () => {
  await using scratch = await makeScratch();
  const directory = await Directory.open(scratch.root);
  await write(directory, "a", "old");
  const { file } = await directory.openFile("a");
  await write(directory, "a", "new");
  assertEquals(await new Response(file.readable).text(), "old");
  assertEquals(await read(directory, "a"), "new");
});

Deno.test("stale parts go, and nothing else", { ignore }, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  const part = () => `.sluice-${crypto.randomUUID()}.part`;
  const [stale, held, linked, folder] = [part(), part(), part(), part()];
  const kept = [".sluice-a.part", "sluice.part", "a.part", `${part()}.txt`];
  for (const name of [stale, held, ...kept]) {
    await Deno.writeTextFile(`${root}/${name}`, name);
  }
  await Deno.symlink("a.part", `${root}/${linked}`);
  await Deno.mkdir(`${root}/${folder}`);
  using file = await Deno.open(`${root}/${held}`);
  await file.lock(true);
  await Directory.open(root);
  assertEquals(await namesIn(root), [held, linked, folder, ...kept].sort());
});

Deno.test("a stale part that cannot be removed is left where it is", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const part = `.sluice-${crypto.randomUUID()}.part`;
  await Deno.writeTextFile(`${scratch.root}/${part}`, "");
  await Deno.writeTextFile(`${scratch.root}/a`, "old");
  const { remove } = Deno;
  Deno.remove = () => Promise.reject(new Deno.errors.PermissionDenied("No"));
  try {
    const directory = await Directory.open(scratch.root);
    assertEquals(await read(directory, "a"), "old");
  } finally {
    Deno.remove = remove;
  }
  assertEquals(await namesIn(scratch.root), [part, "a"]);
});

Deno.test("a part in use survives another instance", { ignore }, async () => {
  await using scratch = await makeScratch();
  const directory = await Directory.open(scratch.root);
  await directory.replaceFile(
    "a",
    (async function* () {
      yield new TextEncoder().encode("whole");
      await Directory.open(scratch.root);
    })(),
  );
  assertEquals(await read(directory, "a"), "whole");
  assertEquals(await namesIn(scratch.root), ["a"]);
});

Deno.test("what turns into a link before it is opened is refused", {
  ignore,
}, async () => {
  for (const swapped of ["sub/secret.txt", "sub"]) {
    await using scratch = await makeScratch();
    const { path, root } = scratch;
    await makeLinks(scratch);
    await Deno.writeTextFile(`${root}/sub/secret.txt`, "mine");
    const directory = await Directory.open(root);
    const goal = swapped === "sub" ? "outside" : "outside/secret.txt";
    const { openSync } = Deno;
    let isSwapped = false;
    try {
      Deno.openSync = (...args) => {
        Deno.renameSync(`${root}/${swapped}`, `${path}/moved`);
        Deno.symlinkSync(`${path}/${goal}`, `${root}/${swapped}`);
        isSwapped = true;
        return openSync(...args);
      };
      assertEquals(await statusOf(directory.openFile("sub/secret.txt")), 404);
    } finally {
      Deno.openSync = openSync;
    }
    assert(isSwapped);
  }
});

Deno.test("what is a link for a moment after it was opened is refused", {
  ignore: ignore || Deno.build.os === "windows",
}, async () => {
  await using scratch = await makeScratch();
  const { path, root } = scratch;
  await Deno.mkdir(`${path}/outside`);
  await Deno.writeTextFile(`${path}/outside/secret.txt`, "secret");
  await Deno.mkdir(`${root}/sub`);
  await Deno.writeTextFile(`${root}/sub/secret.txt`, "mine");
  const directory = await Directory.open(root);
  const lead = {
    outside() {
      Deno.renameSync(`${root}/sub`, `${path}/moved`);
      Deno.symlinkSync("../outside", `${root}/sub`);
    },
    inside() {
      Deno.removeSync(`${root}/sub`);
      Deno.renameSync(`${path}/moved`, `${root}/sub`);
    },
  };
  const { openSync, lstatSync } = Deno;
  let looks = 0;
  try {
    // The secret is opened, and only what looks for it in its place is led there:
    // where it lies is inside before, and what lies there is what was opened.
    Deno.openSync = (...args) => {
      lead.outside();
      const file = openSync(...args);
      lead.inside();
      return file;
    };
    Deno.lstatSync = (place) => {
      if (/secret/.test(String(place)) && ++looks % 2 === 0) lead.outside();
      return lstatSync(place);
    };
    assertEquals(await statusOf(directory.openFile("sub/secret.txt")), 404);
  } finally {
    Object.assign(Deno, { openSync, lstatSync });
  }
  assert(looks >= 2);
});

/** Counts the calls of the file system that take a path. */
function countedCalls() {
  const names = ["realPathSync", "lstatSync", "mkdirSync", "openSync"] as const;
  const real = Object.fromEntries(names.map((name) => [name, Deno[name]]));
  const counter = {
    calls: 0,
    [Symbol.dispose]: () => void Object.assign(Deno, real),
  };
  for (const name of names) {
    const call = Deno[name] as (...args: unknown[]) => unknown;
    const counting = (...args: unknown[]) => {
      counter.calls++;
      return call(...args);
    };
    Object.assign(Deno, { [name]: counting });
  }
  return counter;
}

Deno.test("a path of more than 64 names is refused without a look", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  const directory = await Directory.open(root);
  {
    using counter = countedCalls();
    for (const path of ["a/".repeat(64) + "f", "a/".repeat(2000) + "f"]) {
      assertEquals(await statusOf(directory.openFile(path)), 404);
      const error = await assertRejects(
        () => write(directory, path, ""),
        HttpError,
      );
      assertEquals(error.status, 400);
      assertEquals(error.message, "The path has more than 64 names");
      assertEquals(await statusOf(directory.removeFile(path)), 400);
      assertEquals(await statusOf(directory.makeDirectory(path)), 400);
      assertEquals(await statusOf(directory.removeDirectory(path)), 400);
    }
    assertEquals(counter.calls, 0);
  }
  assertEquals(await namesIn(root), []);
  const deepest = "a/".repeat(63) + "f";
  await write(directory, deepest, "deep");
  assertEquals(await read(directory, deepest), "deep");
});

Deno.test("to make directories takes calls in proportion", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const directory = await Directory.open(scratch.root);
  const callsFor = async (depth: number) => {
    using counter = countedCalls();
    await directory.makeDirectory(`${depth}/`.repeat(depth));
    return counter.calls;
  };
  const few = await callsFor(6);
  const many = await callsFor(60);
  assert(many < 10 * few, `${few} calls for 6, ${many} for 60`);
});

Deno.test("a directory that is made and turns into a link gets no file", {
  ignore: ignore || Deno.build.os === "windows",
}, async () => {
  await using scratch = await makeScratch();
  const { path, root } = scratch;
  const directory = await Directory.open(root);
  const { mkdirSync } = Deno;
  try {
    Deno.mkdirSync = (place) => {
      mkdirSync(place);
      if (!String(place).endsWith("/b")) return;
      Deno.renameSync(`${root}/a`, `${path}/moved`);
      Deno.symlinkSync("../moved", `${root}/a`);
    };
    assertEquals(await statusOf(write(directory, "a/b/f", "")), 409);
  } finally {
    Deno.mkdirSync = mkdirSync;
  }
  assertEquals(await namesIn(`${path}/moved`), []);
});

Deno.test("a file that is replaced all the time is there all the time", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const directory = await Directory.open(scratch.root);
  await write(directory, "hot.txt", "new");
  let isReplacing = true;
  const replacing = (async () => {
    while (isReplacing) await write(directory, "hot.txt", "new");
  })();
  const contents = new Set<string>();
  for (let count = 0; count < 200; count++) {
    contents.add(await read(directory, "hot.txt"));
  }
  isReplacing = false;
  await replacing;
  assertEquals([...contents], ["new"]);
});

Deno.test("a replaced file keeps its mode", {
  ignore: ignore || Deno.build.os === "windows",
}, async () => {
  await using scratch = await makeScratch();
  const path = `${scratch.root}/a.txt`;
  await Deno.writeTextFile(path, "old", { mode: 0o600 });
  await write(await Directory.open(scratch.root), "a.txt", "new");
  assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
});

Deno.test("what a killed writer left below the top goes with the next upload", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await Deno.mkdir(`${scratch.root}/sub`);
  const part = `.sluice-${crypto.randomUUID()}.part`;
  await Deno.writeTextFile(`${scratch.root}/sub/${part}`, "half");
  const directory = await Directory.open(scratch.root);
  await write(directory, "sub/a.txt", "whole");
  assertEquals(await namesIn(`${scratch.root}/sub`), ["a.txt"]);
});

/** As on a slow disk: others have time to do what should come after. */
async function withSlowRemoval(work: () => Promise<void>): Promise<void> {
  const { remove } = Deno;
  Deno.remove = async (path, options) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    await remove(path, options);
  };
  try {
    await work();
  } finally {
    Deno.remove = remove;
  }
}

Deno.test("what was written to try a directory is gone afterwards", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const directory = await Directory.open(scratch.root);
  await withSlowRemoval(async () => {
    await directory.tryWriting();
    assertEquals(await namesIn(scratch.root), []);
  });
});

Deno.test("stale parts are gone before there is need for their space", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const directory = await Directory.open(scratch.root);
  const sub = `${scratch.root}/sub`;
  await Deno.mkdir(sub);
  const part = `.sluice-${crypto.randomUUID()}.part`;
  await Deno.writeTextFile(`${sub}/${part}`, "");
  let isThere: boolean | undefined;
  await withSlowRemoval(() =>
    directory.replaceFile(
      "sub/a",
      (async function* () {
        isThere = (await namesIn(sub)).includes(part);
        yield new Uint8Array(1);
      })(),
    ).then(() => {})
  );
  assertEquals(isThere, false);
});
