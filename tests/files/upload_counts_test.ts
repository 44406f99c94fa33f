/**
 * How many uploads are unfinished, how large they are together, and how long they
 * stay; and that it costs no more to begin one when there are many.
 */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { Directory } from "../../lib/files/directory.ts";
import { ResumableUploads } from "../../lib/files/resumable_upload.ts";
import { UploadCounts } from "../../lib/files/upload_counts.ts";
import { UploadStore } from "../../lib/files/upload_store.ts";
import { localInfo } from "../support/local_info.ts";
import { countCalls } from "./counted_calls.ts";
import {
  announced,
  ask,
  assertOffset,
  begin,
  broken,
  heldContent,
  more,
  open,
  receiving,
} from "./resumable.ts";
import { makeScratch, namesIn, noDisk as ignore } from "./scratch.ts";

const empty = { "upload-complete": "?0" };

/** Makes all that is known of uploads a day older than they may be. */
async function age(folder: string, token = ""): Promise<void> {
  const dayBefore = Date.now() / 1000 - 24 * 3600 - 1;
  for (const name of await namesIn(folder)) {
    if (!name.startsWith(token)) continue;
    await Deno.utime(`${folder}/${name}`, dayBefore, dayBefore);
  }
}

Deno.test("to begin the hundredth looks no further than the second", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  const cost = async () => {
    using lists = countCalls(Deno, "readDir");
    using looks = countCalls(Deno, "lstat");
    using opens = countCalls(Deno, "open");
    await begin(handler, "x");
    return [lists.count, looks.count, opens.count];
  };
  await begin(handler, "x");
  const second = await cost();
  assertEquals(second[0], 0);
  for (let count = 2; count < 99; count++) await begin(handler, "x");
  assertEquals(await cost(), second);
});

Deno.test("past their number there is a 503, until one is over", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root, { maxUploads: 3 });
  const paths = [];
  for (let count = 0; count < 3; count++) paths.push(await begin(handler, "a"));
  const refused = async () => {
    const response = await ask(handler, "PUT", "/files/b", empty);
    assertEquals(response.status, 503);
    assertEquals(response.headers.get("retry-after"), "60");
    const names = await namesIn(`${scratch.root}/.sluice-uploads`);
    assertEquals(names.filter((name) => name.endsWith(".part")).length, 3);
  };
  await refused();
  // A plain upload needs none of them.
  assertEquals((await ask(handler, "PUT", "/files/b", {}, "b")).status, 201);
  assertEquals((await ask(handler, "DELETE", paths[0])).status, 204);
  paths[0] = await begin(handler, "a");
  await refused();
  const last = await ask(handler, "PATCH", paths[1], more(1, "?1"), "b");
  assertEquals(last.status, 201);
  await begin(handler, "a");
  await refused();
});

Deno.test("at once no more begin than may", { ignore }, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root, { maxUploads: 4 });
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => ask(handler, "PUT", "/files/a", empty)),
  );
  const begun = answers.filter(({ status }) => status === 201);
  assertEquals(begun.length, 4);
  assertEquals(answers.filter(({ status }) => status === 503).length, 16);
});

Deno.test("past their space there is a 507, until one is over", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root, { maxSpace: 10 });
  const first = await begin(handler, "012345");
  const second = await begin(handler, "012");
  const { headers } = await ask(handler, "HEAD", first);
  assertEquals(headers.get("upload-limit"), "max-size=10, max-age=86400");

  const full = await ask(handler, "PATCH", first, more(6, "?1"), "67");
  assertEquals(full.status, 507);
  // What it was refused for is not kept, and the answer says what is.
  assertEquals(full.headers.get("upload-offset"), "6");
  assertEquals(full.headers.get("upload-complete"), "?0");
  await assertOffset(handler, first, 6);
  // Too large for what is left, as its first field says.
  const long = { ...empty, "upload-length": 2 };
  assertEquals((await ask(handler, "PUT", "/files/b", long)).status, 507);
  assertEquals(
    (await ask(handler, "PUT", "/files/b", empty, "xx")).status,
    507,
  );
  const parts = (await namesIn(`${scratch.root}/.sluice-uploads`)).length / 2;
  assertEquals(parts, 2);

  assertEquals((await ask(handler, "DELETE", second)).status, 204);
  const last = await ask(handler, "PATCH", first, more(6, "?1"), "6789");
  assertEquals(last.status, 201);
  // What is a file takes up none of it.
  await begin(handler, "0123456789");
});

Deno.test("what broke off counts as far as it is here", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root, { maxSpace: 10 });
  const fields = { ...empty, ...announced };
  const { interim } = await ask(
    handler,
    "PUT",
    "/files/a",
    fields,
    broken("0"),
  );
  await assertOffset(handler, interim[0].headers.get("location")!, 1);
  const refused = await ask(handler, "PUT", "/files/b", empty, "0123456789");
  assertEquals(refused.status, 507);
  await begin(handler, "012345678");
});

Deno.test("what is given back counts no more", { ignore }, async () => {
  await using scratch = await makeScratch();
  const directory = await Directory.open(scratch.root);
  const store = new UploadStore(directory, { maxUploads: 2, maxSpace: 10 });
  using upload = await store.create({ path: "/a", method: "PUT", headers: [] });
  upload.file.writeSync(new Uint8Array(8));
  upload.grow(8);
  assertThrows(() => upload.grow(3), HttpError);
  await upload.truncate(0);
  upload.grow(10);
  assertThrows(() => upload.grow(1), HttpError);
});

Deno.test("what is there at the start counts", { ignore }, async () => {
  await using scratch = await makeScratch();
  const before = await open(scratch.root);
  await begin(before, "0123456");
  await ask(before, "PATCH", await begin(before, ""), more(0, "?1"), "done");
  const handler = await open(scratch.root, { maxSpace: 10, maxUploads: 2 });
  assertEquals(
    (await ask(handler, "PUT", "/files/b", empty, "0123")).status,
    507,
  );
  const path = await begin(handler, "012");
  assertEquals((await ask(handler, "PUT", "/files/b", empty)).status, 503);
  // An instance that has begun none counts as well.
  const other = await open(scratch.root, { maxSpace: 10 });
  const more4 = await ask(other, "PATCH", path, more(3, "?0"), "3456");
  assertEquals(more4.status, 507);
});

Deno.test("a sweep counts what other instances have done", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const directory = await Directory.open(scratch.root);
  const resumable = new ResumableUploads(directory, { maxUploads: 2 });
  const one = receiving(directory, resumable);
  const other = await open(scratch.root);
  const path = await begin(one, "a");
  await begin(other, "b");
  await begin(other, "c");
  await begin(one, "within a minute"); // 4 of them
  await resumable.sweep();
  assertEquals((await ask(one, "PUT", "/files/a", empty)).status, 503);
  await ask(one, "DELETE", path);
  assertEquals((await ask(one, "PUT", "/files/a", empty)).status, 503);
  for (const name of await namesIn(`${scratch.root}/.sluice-uploads`)) {
    await Deno.remove(`${scratch.root}/.sluice-uploads/${name}`);
  }
  await resumable.sweep();
  await begin(one, "a");
});

Deno.test("after a minute there is room that another instance has made", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const one = await open(scratch.root, { maxUploads: 1 });
  const other = await open(scratch.root);
  const path = await begin(one, "a");
  await ask(other, "DELETE", path);
  assertEquals((await ask(one, "PUT", "/files/a", empty)).status, 503);
  const { now } = performance;
  performance.now = () => now.call(performance) + 60_000;
  try {
    await begin(one, "a");
  } finally {
    performance.now = now;
  }
});

Deno.test("what changes while the disk is counted counts as it is then", () => {
  const counts = new UploadCounts({ maxUploads: 3, maxSpace: 10 });
  for (const token of ["grows", "goes", "is done"]) counts.begin(token);
  counts.beginCount();
  counts.grow("grows", 6);
  counts.delete("goes");
  counts.finish("is done");
  counts.begin("is new");
  counts.grow("is new", 3);
  const before = { octets: 0, time: 0 };
  counts.endCount(
    new Map([["grows", before], ["goes", before], ["is done", before]]),
  );
  assertThrows(
    () => counts.grow("grows", 2),
    HttpError,
    "space for unfinished uploads",
  );
  counts.grow("grows", 1);
  counts.begin("another");
  assertEquals(counts.isFull, true);
  // The next count finds them gone.
  counts.beginCount();
  counts.endCount(new Map());
  counts.grow("is new", 10);
  counts.begin("a second");
  assertEquals(counts.isFull, false);
});

Deno.test("an upload that is going on while they are counted counts once", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const directory = await Directory.open(scratch.root);
  const resumable = new ResumableUploads(directory, { maxSpace: 10 });
  const handler = receiving(directory, resumable);
  const path = await begin(handler, "0");
  const body = new ReadableStream({
    async pull(controller) {
      controller.enqueue(new TextEncoder().encode("12345678"));
      await resumable.sweep();
      controller.close();
    },
  }, { highWaterMark: 0 });
  await ask(handler, "PATCH", path, more(1, "?0"), body);
  await assertOffset(handler, path, 9);
  const last = await ask(handler, "PATCH", path, more(9, "?0"), "9");
  assertEquals(last.status, 204);
  const full = await ask(handler, "PATCH", path, more(10, "?0"), "x");
  assertEquals(full.status, 413);
});

Deno.test(
  "of those that are files no more are told of than may be unfinished",
  {
    ignore,
  },
  async () => {
    await using scratch = await makeScratch();
    const handler = await open(scratch.root, { maxUploads: 3 });
    const paths = [];
    for (let count = 0; count < 5; count++) {
      const path = await begin(handler, "");
      const fields = more(0, "?1");
      const { status } = await ask(handler, "PATCH", path, fields, "content");
      assertEquals(status, count === 0 ? 201 : 204);
      paths.push(path);
    }
    const statuses = await Promise.all(
      paths.map(async (path) => (await ask(handler, "HEAD", path)).status),
    );
    assertEquals(statuses, [404, 404, 204, 204, 204]);
    const names = await namesIn(`${scratch.root}/.sluice-uploads`);
    assertEquals(names.length, 3);
  },
);

Deno.test("one that is too old is not there, and then is gone", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const folder = `${scratch.root}/.sluice-uploads`;
  const handler = await open(scratch.root);
  for (const method of ["HEAD", "PATCH", "DELETE"]) {
    const path = await begin(handler, "0");
    await age(folder);
    const fields = method === "PATCH" ? more(1, "?1") : {};
    assertEquals((await ask(handler, method, path, fields)).status, 404);
    assertEquals(await namesIn(folder), []);
  }
});

Deno.test("a sweep removes what is too old, and nothing else", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const folder = `${scratch.root}/.sluice-uploads`;
  const directory = await Directory.open(scratch.root);
  const resumable = new ResumableUploads(directory);
  await resumable.sweep();
  const handler = receiving(directory, resumable);
  await begin(handler, "old");
  await ask(handler, "PATCH", await begin(handler, ""), more(0, "?1"), "done");
  await Deno.writeTextFile(`${folder}/of somebody else`, "");
  await age(folder);
  const path = await begin(handler, "new");
  await resumable.sweep();
  await assertOffset(handler, path, 3);
  const token = path.split("/").at(-1)!;
  assertEquals(
    await namesIn(folder),
    [`${token}.json`, `${token}.part`, "of somebody else"].sort(),
  );
});

Deno.test("one that another instance is writing stays, however old it looks", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const folder = `${scratch.root}/.sluice-uploads`;
  const one = await open(scratch.root);
  const path = await begin(one, "01");
  const { body, reached, goOn } = heldContent([], []);
  const last = ask(one, "PATCH", path, more(2, "?1"), body);
  await reached;
  await age(folder);
  const directory = await Directory.open(scratch.root);
  const other = new ResumableUploads(directory);
  await other.sweep();
  await begin(receiving(directory, other), "new");
  const there = await ask(receiving(directory, other), "HEAD", path);
  assertEquals(there.status, 409);
  goOn();
  assertEquals((await last).status, 201);
  assertEquals(await Deno.readTextFile(`${scratch.root}/a.txt`), "01");
});

for (const text of ["", "{", "null", "[]", '{"path":1}']) {
  Deno.test(`a record of ${JSON.stringify(text)} is a 404, until it is swept`, {
    ignore,
  }, async () => {
    await using scratch = await makeScratch();
    const folder = `${scratch.root}/.sluice-uploads`;
    const directory = await Directory.open(scratch.root);
    const resumable = new ResumableUploads(directory);
    const handler = receiving(directory, resumable);
    const path = await begin(handler, "0");
    const token = path.split("/").at(-1)!;
    await Deno.writeTextFile(`${folder}/${token}.json`, text);
    for (const method of ["HEAD", "PATCH", "DELETE"]) {
      const fields = method === "PATCH" ? more(1, "?1") : {};
      assertEquals((await ask(handler, method, path, fields)).status, 404);
    }
    await resumable.sweep();
    assertEquals((await namesIn(folder)).length, 2);
    await age(folder);
    await resumable.sweep();
    assertEquals(await namesIn(folder), []);
  });
}

Deno.test("bounds that are none are refused", { ignore }, async () => {
  await using scratch = await makeScratch();
  const directory = await Directory.open(scratch.root);
  for (const options of [{ maxUploads: -1 }, { maxSpace: 1.5 }]) {
    const make = () => new ResumableUploads(directory, options);
    assertThrows(
      make,
      RangeError,
      `Cannot use ${Object.keys(options)[0]}: got`,
    );
  }
  const lifted = { maxUploads: Infinity, maxSpace: Infinity };
  new ResumableUploads(directory, lifted);
});

Deno.test("what can't be counted is not begun", { ignore }, async () => {
  await using scratch = await makeScratch();
  await Deno.writeTextFile(`${scratch.root}/.sluice-uploads`, "a file");
  const directory = await Directory.open(scratch.root);
  const resumable = new ResumableUploads(directory);
  const request = new Request("http://localhost/files/a", {
    method: "PUT",
    headers: empty,
  });
  await assertRejects(() => resumable.create("a", request, localInfo));
});
