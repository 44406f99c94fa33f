/**
 * What instances share that serve one directory: locks that hold among all of
 * them, and the version of their form.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { delay } from "@std/async/delay";
import { HttpError } from "../../lib/errors.ts";
import { Directory } from "../../lib/files/directory.ts";
import { download } from "../../lib/files/download.ts";
import { removal } from "../../lib/files/removal.ts";
import { SharedState, StateError } from "../../lib/files/shared_state.ts";
import { ResumableUploads } from "../../lib/files/resumable_upload.ts";
import { upload } from "../../lib/files/upload.ts";
import { countCalls } from "./counted_calls.ts";
import {
  ask as askAll,
  assertOffset,
  begin,
  more,
  open,
  receiving,
} from "./resumable.ts";
import {
  ask,
  makeScratch,
  namesIn,
  noChild,
  noDisk as ignore,
  serving,
  stateFolder,
  statusOf,
  until,
} from "./scratch.ts";

const put = { method: "PUT", body: "new" };

async function contentOf(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { name } of Deno.readDir(folder)) {
    found.set(name, await Deno.readTextFile(`${folder}/${name}`));
  }
  return found;
}

Deno.test("the first change makes the folder, for its owner alone", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const folder = `${scratch.root}/${stateFolder}`;
  const handler = await serving(upload, scratch.root);
  assertEquals(await Deno.lstat(folder).catch(() => "none"), "none");
  for (let at = 0; at < 100; at++) await ask(handler, `${at}/a`, put);
  const { mode } = await Deno.lstat(folder);
  if (Deno.build.os !== "windows") assertEquals(mode! & 0o777, 0o700);
  const content = await contentOf(folder);
  assertEquals(content.get("version"), "1\n");
  // A lock for each directory would be a file for each.
  const locks = Array.from({ length: 16 }, (_, at) => `lock-${at}`);
  assertEquals([...content.keys()].sort(), [...locks, "version"].sort());
  for (const name of content.keys()) {
    const { mode } = await Deno.lstat(`${folder}/${name}`);
    if (Deno.build.os !== "windows") assertEquals(mode! & 0o777, 0o600);
  }
});

Deno.test("nobody gets the folder, or writes into it", { ignore }, async () => {
  await using scratch = await makeScratch();
  const put_ = await serving(upload, scratch.root);
  await ask(put_, "a", put);
  const get = await serving(
    (directory) => download(directory, { dotfiles: "allow" }),
    scratch.root,
  );
  const remove = await serving(removal, scratch.root);
  for (const name of ["version", "lock-1", ""]) {
    const path = `${stateFolder}/${name}`;
    assertEquals(await statusOf(ask(get, path)), 404);
    if (name === "") continue;
    assertEquals(await statusOf(ask(put_, path, put)), 403);
    assertEquals(
      await statusOf(ask(remove, path, { method: "DELETE" })),
      403,
    );
  }
  const list = await ask(get, "", { headers: { accept: "application/json" } });
  assertEquals(
    (await list.json()).map(({ name }: { name: string }) => name),
    ["a"],
  );
});

Deno.test("a lock is on a file that is open for writing", {
  ignore: noChild || Deno.build.os !== "linux",
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  const state = new SharedState(root);
  const isFree = async (number: number) => {
    const { code } = await new Deno.Command("flock", {
      args: ["-n", `${root}/${stateFolder}/lock-${number}`, "true"],
    }).output();
    return code === 0;
  };
  const heldLocks = async () => {
    const held = [];
    for (let at = 0; at < 16; at++) if (!await isFree(at)) held.push(at);
    return held;
  };
  {
    using _lock = await state.lock(root);
    assertEquals((await heldLocks()).length, 1);
  }
  assertEquals(await heldLocks(), []);
});

Deno.test("of two instances one changes a directory at a time", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const states = [
    new SharedState(scratch.root),
    new SharedState(scratch.root),
  ];
  let inside = 0;
  let most = 0;
  await Promise.all(Array.from({ length: 40 }, async (_, at) => {
    using _lock = await states[at % 2].lock(scratch.root);
    most = Math.max(most, ++inside);
    await delay(1);
    inside--;
  }));
  assertEquals(most, 1);
});

Deno.test(
  "a change waits for the version before, which locks the directory",
  {
    ignore: ignore || Deno.build.os === "windows",
  },
  async () => {
    await using scratch = await makeScratch();
    const handler = await serving(upload, scratch.root);
    await Deno.mkdir(`${scratch.root}/sub`);
    const theirs = await Deno.open(`${scratch.root}/sub`);
    await theirs.lock(true);
    let isDone = false;
    const answer = ask(handler, "sub/a", put).then(({ status }) => {
      isDone = true;
      return status;
    });
    // Its own lock comes first, and then it waits.
    const folder = `${scratch.root}/${stateFolder}`;
    await until(async () => (await namesIn(folder).catch(() => [])).length > 0);
    assertEquals(isDone, false);
    theirs.close();
    assertEquals(await answer, 201);
  },
);

Deno.test("a change waits for others only so long, and then is refused", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { timeout } = AbortSignal;
  AbortSignal.timeout = () => timeout(50);
  try {
    const state = new SharedState(scratch.root);
    const other = new SharedState(scratch.root);
    {
      using _held = await state.lock(scratch.root);
      // One waits for its turn here, one for another instance, and one after it.
      for (const each of [state, other, other]) {
        const error = await assertRejects(
          () => each.lock(scratch.root),
          HttpError,
        );
        assertEquals(error.status, 503);
        assertEquals(new Headers(error.headers).get("retry-after"), "10");
      }
    }
    for (const each of [state, other]) {
      using _lock = await each.lock(scratch.root);
    }
  } finally {
    AbortSignal.timeout = timeout;
  }
});

Deno.test("where files cannot be locked nothing is changed, and why is told", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await Deno.writeTextFile(`${scratch.root}/a`, "old");
  const directory = await Directory.open(scratch.root);
  const handler = upload(directory);
  using _none = countCalls(Deno.FsFile.prototype, "tryLockSync", () => {
    throw new Error("Function not implemented (os error 38)");
  });
  assertEquals(await statusOf(ask(handler, "a", put)), 503);
  const remove = { method: "DELETE" };
  assertEquals(await statusOf(ask(removal(directory), "a", remove)), 503);
  assertEquals(await Deno.readTextFile(`${scratch.root}/a`), "old");
  const { advice } = await assertRejects(
    () => directory.tryWriting(),
    StateError,
  );
  assertEquals(advice, "choose a file system that has locks (flock)");
});

Deno.test("a folder that is a link or a file is not used", {
  ignore,
}, async () => {
  for (const kind of ["link", "file"]) {
    await using scratch = await makeScratch();
    const folder = `${scratch.root}/${stateFolder}`;
    await Deno.mkdir(`${scratch.path}/outside`);
    if (kind === "file") await Deno.writeTextFile(folder, "");
    else await Deno.symlink("../outside", folder);
    const handler = await serving(upload, scratch.root);
    await assertRejects(
      () => ask(handler, "a", put),
      Error,
      "Cannot lock anything: .sluice-state is not a directory",
    );
    assertEquals(await contentOf(`${scratch.path}/outside`), new Map());
  }
});

Deno.test("a folder that is removed is made again", { ignore }, async () => {
  await using scratch = await makeScratch();
  const handler = await serving(upload, scratch.root);
  await ask(handler, "a", put);
  await Deno.remove(`${scratch.root}/${stateFolder}`, { recursive: true });
  assertEquals((await ask(handler, "a", put)).status, 204);
  assert((await Deno.lstat(`${scratch.root}/${stateFolder}`)).isDirectory);
});

Deno.test("a disk without room for the version lets files be removed", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await Deno.writeTextFile(`${scratch.root}/a`, "old");
  const handler = await serving(removal, scratch.root);
  using _full = countCalls(Deno, "writeTextFileSync", () => {
    throw Object.assign(new Error("Full"), { code: "ENOSPC" });
  });
  const { status } = await ask(handler, "a", { method: "DELETE" });
  assertEquals(status, 204);
});

for (const version of ["2\n", "1.1\n", "x"]) {
  Deno.test(`a state of version ${JSON.stringify(version)} is left alone`, {
    ignore,
  }, async () => {
    await using scratch = await makeScratch();
    const folder = `${scratch.root}/${stateFolder}`;
    const directory = await Directory.open(scratch.root);
    const handler = upload(directory);
    await ask(handler, "a", { method: "PUT", body: "old" });
    await Deno.writeTextFile(`${folder}/version`, version);
    const before = await contentOf(folder);
    assertEquals(await statusOf(ask(handler, "a", put)), 503);
    const remove = { method: "DELETE" };
    assertEquals(await statusOf(ask(removal(directory), "a", remove)), 503);
    const { advice } = await assertRejects(
      () => directory.tryWriting(),
      StateError,
    );
    assertEquals(
      advice,
      "update Sluice, as .sluice-state is of a newer version,",
    );
    const read = await ask(download(directory), "a");
    assertEquals(await read.text(), "old");
    assertEquals(await contentOf(folder), before);
  });
}

Deno.test("uploads of a newer version are neither touched nor told of", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  const directory = await Directory.open(root);
  const resumable = new ResumableUploads(directory);
  const handler = receiving(directory, resumable);
  const path = await begin(handler, "0123");
  await Deno.mkdir(`${root}/${stateFolder}`);
  await Deno.writeTextFile(`${root}/${stateFolder}/version`, "2\n");
  const uploads = `${root}/.sluice-uploads`;
  for (const name of await namesIn(uploads)) {
    await Deno.utime(`${uploads}/${name}`, 0, 0);
  }
  const before = await contentOf(uploads);
  for (
    const [method, path_, fields] of [
      ["HEAD", path, {}],
      ["DELETE", path, {}],
      ["PATCH", path, more(4, "?1")],
      ["PUT", "/files/a", { "upload-complete": "?0" }],
    ] as const
  ) {
    const { status } = await askAll(handler, method, path_, fields);
    assertEquals(status, 503, method);
  }
  await assertRejects(() => resumable.sweep(), StateError);
  assertEquals(await contentOf(uploads), before);
});

/** An upload as version 0.1.0 leaves it: no version, no lock files. */
async function leaveUpload(root: string, token: string): Promise<void> {
  const folder = `${root}/.sluice-uploads`;
  await Deno.mkdir(folder, { mode: 0o700 });
  const record = {
    path: "a.txt",
    method: "PUT",
    length: 6,
    headers: [["if-none-match", "*"]],
    "of a later version": [1],
  };
  await Deno.writeTextFile(`${folder}/${token}.part`, "0123");
  await Deno.writeTextFile(`${folder}/${token}.json`, JSON.stringify(record));
}

Deno.test("an upload of the version before goes on", { ignore }, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  const token = crypto.randomUUID();
  await leaveUpload(root, token);
  const handler = await open(root);
  const path = `/uploads/${token}`;
  await assertOffset(handler, path, 4);
  const last = await askAll(handler, "PATCH", path, more(4, "?1"), "45");
  assertEquals(last.status, 201);
  assertEquals(await Deno.readTextFile(`${root}/a.txt`), "012345");
  const record = await Deno.readTextFile(
    `${root}/.sluice-uploads/${token}.json`,
  );
  // What this version does not know of it stays in its record.
  assertEquals(JSON.parse(record)["of a later version"], [1]);
});

Deno.test("a sweep leaves what this version does not know", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  const token = crypto.randomUUID();
  await leaveUpload(root, token);
  const folder = `${root}/.sluice-uploads`;
  const unknown = [
    `${token}.map`,
    `${crypto.randomUUID()}.map`,
    "index",
    "x.part",
  ];
  for (const name of unknown) await Deno.writeTextFile(`${folder}/${name}`, "");
  for (const name of await namesIn(folder)) {
    await Deno.utime(`${folder}/${name}`, 0, 0);
  }
  const directory = await Directory.open(root);
  await new ResumableUploads(directory, { maxUploads: 1 }).sweep();
  assertEquals(await namesIn(folder), unknown.sort());
});

Deno.test("a version that a power cut left empty is written again", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const folder = `${scratch.root}/${stateFolder}`;
  const handler = await serving(upload, scratch.root);
  await Deno.mkdir(folder);
  await Deno.writeTextFile(`${folder}/version`, "");
  assertEquals((await ask(handler, "a", put)).status, 201);
  assertEquals((await contentOf(folder)).get("version"), "1\n");
});

Deno.test("names that nobody knows stay in the folder", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const folder = `${scratch.root}/${stateFolder}`;
  await Deno.mkdir(folder);
  await Deno.writeTextFile(`${folder}/of a later version`, "theirs");
  const handler = await serving(upload, scratch.root);
  assertEquals((await ask(handler, "a", put)).status, 201);
  const content = await contentOf(folder);
  assertEquals(content.get("of a later version"), "theirs");
});

Deno.test("several directories are locked in one order, or all of them", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  const paths = Array.from({ length: 40 }, (_, at) => `${root}/${at}`);
  for (const path of paths) await Deno.mkdir(path);
  const states = [new SharedState(root), new SharedState(root)];
  const held = new Set<string>();
  const hold = async (lock: Promise<Disposable>, names: string[]) => {
    using _lock = await lock;
    for (const name of names) {
      assert(!held.has(name), `${name} is held twice`);
      held.add(name);
    }
    await delay(1);
    for (const name of names) held.delete(name);
  };
  await Promise.all(paths.flatMap((path, at) => {
    const state = states[at % 2];
    const other = paths[(at * 7 + 3) % paths.length];
    return [
      hold(state.lock(path, other), [...new Set([path, other])]),
      hold(state.lock(other, path), [...new Set([path, other])]),
      hold(state.lock(path, path), [path]),
      ...at % 10 === 0 ? [hold(state.lockAll(path), paths)] : [],
    ];
  }));
  assertEquals(held.size, 0);
});
