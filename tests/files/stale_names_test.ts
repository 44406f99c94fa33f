/**
 * A file that another machine replaces on a network file system: for a moment
 * its name answers ESTALE, or that nothing is there. Here the calls of Deno do
 * so, at will; `deno task test:storage` asks a real one.
 */

import { assertEquals, assertInstanceOf } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { diskError } from "../../lib/files/disk_error.ts";
import { download } from "../../lib/files/download.ts";
import { upload } from "../../lib/files/upload.ts";
import { countCalls } from "./counted_calls.ts";
import {
  announced,
  ask as askAll,
  assertOffset,
  begin,
  more,
  open,
} from "./resumable.ts";
import {
  ask,
  makeScratch,
  noDisk as ignore,
  serving,
  statusOf,
} from "./scratch.ts";

const number = Deno.build.os === "linux" ? 116 : 70;
const text = `Stale file handle (os error ${number})`;

const stale = () => new Error(`${text}: open '/mnt/a'`);
const gone = () =>
  new Deno.errors.NotFound("No such file or directory (os error 2)");

/** Fails so many times where a path with this end is asked for. */
function failing(
  name: "lstatSync" | "openSync" | "lstat" | "open" | "readTextFile",
  end: string,
  times: number,
  fault: () => Error,
) {
  return countCalls(Deno, name, (path) => {
    if (String(path).endsWith(end) && times-- > 0) throw fault();
  });
}

for (const [what, fault] of Object.entries({ stale, gone })) {
  for (const name of ["lstatSync", "openSync"] as const) {
    Deno.test(`a file that is ${what} for a moment in ${name} is sent`, {
      ignore,
    }, async () => {
      await using scratch = await makeScratch();
      await Deno.writeTextFile(`${scratch.root}/a`, "new");
      const handler = await serving(download, scratch.root);
      using _fault = failing(name, "/a", 2, fault);
      assertEquals(await (await ask(handler, "a")).text(), "new");
    });

    Deno.test(`a file that is ${what} at each look in ${name} is a 503`, {
      ignore,
    }, async () => {
      await using scratch = await makeScratch();
      await Deno.writeTextFile(`${scratch.root}/a`, "new");
      const handler = await serving(download, scratch.root);
      using _fault = failing(name, "/a", Infinity, fault);
      const error = await ask(handler, "a").catch((error) => error);
      assertInstanceOf(error, HttpError);
      assertEquals(error.status, 503);
      assertEquals(new Headers(error.headers).get("retry-after"), "1");
    });
  }

  Deno.test(`a precondition sees a file that is ${what} for a moment`, {
    ignore,
  }, async () => {
    await using scratch = await makeScratch();
    await Deno.writeTextFile(`${scratch.root}/a`, "old");
    const handler = await serving(upload, scratch.root);
    const put = { method: "PUT", body: "new", headers: { "if-match": "*" } };
    using _fault = failing("lstatSync", "/a", 1, fault);
    assertEquals((await ask(handler, "a", put)).status, 204);
  });
}

Deno.test("a file that is not there is looked for once", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await serving(download, scratch.root);
  using looks = countCalls(Deno, "realPathSync");
  assertEquals(await statusOf(ask(handler, "a")), 404);
  assertEquals(looks.count, 1);
});

Deno.test("a file that is removed between two looks is not there", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await Deno.writeTextFile(`${scratch.root}/a`, "new");
  const handler = await serving(download, scratch.root);
  let isFirst = true;
  using _removal = countCalls(Deno, "openSync", () => {
    if (isFirst) Deno.removeSync(`${scratch.root}/a`);
    isFirst = false;
  });
  assertEquals(await statusOf(ask(handler, "a")), 404);
});

Deno.test("a list has a file that is stale for a moment", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await Deno.writeTextFile(`${scratch.root}/a`, "new");
  const handler = await serving(download, scratch.root);
  using _fault = failing("lstatSync", "/a", 1, stale);
  const list = await ask(handler, "", { headers: { accept: "text/plain" } });
  assertEquals((await list.text()).trim(), "a");
});

for (const [what, fault] of Object.entries({ stale, gone })) {
  Deno.test(`an upload whose record is ${what} for a moment goes on`, {
    ignore,
  }, async () => {
    await using scratch = await makeScratch();
    const handler = await open(scratch.root);
    const path = await begin(handler, "0123", announced);
    {
      using _record = failing("readTextFile", ".json", 2, fault);
      await assertOffset(handler, path, 4);
    }
    using _data = failing("open", ".part", 2, fault);
    const last = await askAll(handler, "PATCH", path, more(4, "?1"), "45");
    assertEquals(last.status, 201);
  });
}

Deno.test("an upload whose record stays stale is a 503, and stays", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  const path = await begin(handler, "0123");
  {
    using _record = failing("readTextFile", ".json", Infinity, stale);
    assertEquals((await askAll(handler, "HEAD", path)).status, 503);
  }
  await assertOffset(handler, path, 4);
});

Deno.test("an upload that becomes a file while it is asked after is complete", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const one = await open(scratch.root);
  const other = await open(scratch.root);
  const path = await begin(one, "0123");
  const token = path.split("/").at(-1);
  const folder = `${scratch.root}/.sluice-uploads`;
  const unfinished = await Deno.readTextFile(`${folder}/${token}.json`);
  await askAll(other, "PATCH", path, more(4, "?1"), "45");
  const { readTextFile } = Deno;
  let isFirst = true;
  Deno.readTextFile = async (...asked) => {
    const text = isFirst ? unfinished : await readTextFile(...asked);
    isFirst = false;
    return text;
  };
  try {
    await assertOffset(one, path, 6, "?1");
  } finally {
    Deno.readTextFile = readTextFile;
  }
});

Deno.test("an upload that became a file meanwhile is written no more", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const one = await open(scratch.root);
  const other = await open(scratch.root);
  const path = await begin(one, "0123");
  const { tryLock } = Deno.FsFile.prototype;
  Deno.FsFile.prototype.tryLock = async function (exclusive) {
    Deno.FsFile.prototype.tryLock = tryLock;
    const last = await askAll(other, "PATCH", path, more(4, "?1"));
    assertEquals(last.status, 201);
    return await tryLock.call(this, exclusive);
  };
  const late = await askAll(one, "PATCH", path, more(4, "?1"), "more");
  assertEquals(late.status, 409);
  assertEquals(late.headers.get("retry-after"), "1");
  assertEquals(await Deno.readTextFile(`${scratch.root}/a.txt`), "0123");
});

Deno.test("a storage that does not answer is a 503 as well", () => {
  const notConnected = Object.assign(new Error("No"), { code: "ENOTCONN" });
  for (const error of [stale(), notConnected]) {
    for (const purpose of ["read", "write"] as const) {
      const told = diskError(error, purpose);
      assertInstanceOf(told, HttpError);
      assertEquals(told.status, 503);
      assertEquals(new Headers(told.headers).get("retry-after"), "1");
    }
  }
  // The name of a file is not what the system says.
  const other = new Error(`Input/output error (os error 5): open '${text}'`);
  assertEquals(diskError(other, "read"), other);
});
