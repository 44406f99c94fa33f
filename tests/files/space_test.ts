/** The space that all files of a directory may take up: a 507 past it. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Directory } from "../../lib/files/directory.ts";
import { removal } from "../../lib/files/removal.ts";
import { ResumableUploads } from "../../lib/files/resumable_upload.ts";
import { stateOf } from "../../lib/files/shared_state.ts";
import { Space, type SpaceBounds } from "../../lib/files/space.ts";
import { upload } from "../../lib/files/upload.ts";
import { countCalls } from "./counted_calls.ts";
import {
  ask as askAll,
  assertOffset,
  begin,
  more,
  receiving,
} from "./resumable.ts";
import {
  ask,
  makeScratch,
  namesIn,
  noDisk as ignore,
  statusOf,
  until,
} from "./scratch.ts";

async function bounded(root: string, bounds: SpaceBounds) {
  const directory = await Directory.open(root, bounds);
  const put = (path: string, body: BodyInit, headers?: HeadersInit) =>
    statusOf(
      ask(upload(directory), path, { method: "PUT", body, headers }),
    );
  return { directory, put };
}

/** Octets of all that lies in a directory but for what instances share. */
async function used(path: string): Promise<number> {
  let octets = 0;
  for (const name of await namesIn(path)) {
    const info = await Deno.lstat(`${path}/${name}`);
    octets += info.isDirectory ? await used(`${path}/${name}`) : info.size;
  }
  return octets;
}

/** Content without a length, in pieces; tells how many were taken. */
function pieces(count: number, size: number) {
  let taken = 0;
  const body = new ReadableStream({
    pull(controller) {
      if (taken++ === count) controller.close();
      else controller.enqueue(new Uint8Array(size));
    },
  }, { highWaterMark: 0 });
  return { body, taken: () => taken };
}

const free = "version 1\n".length; // leaves room for the version of the state

Deno.test("what is too large for the space is refused before it begins", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await Deno.mkdir(`${scratch.root}/sub`);
  await Deno.writeTextFile(`${scratch.root}/sub/.hidden`, "x".repeat(50));
  const { put } = await bounded(scratch.root, { maxTotal: 100 + free });
  const { body, taken } = pieces(1, 90);
  const long = { "content-length": "90" };
  assertEquals(await put("a", body, long), 507);
  assertEquals(taken(), 0);
  assertEquals(await put("a", "x".repeat(50)), 201);
  assertEquals(await put("b", "x".repeat(50)), 507);
});

Deno.test("content without a length is stopped, and removed", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { put } = await bounded(scratch.root, { maxTotal: 1000 });
  const { body, taken } = pieces(100, 100);
  assertEquals(await put("sub/a", body), 507);
  assert(taken() < 15, `${taken()}`);
  assertEquals(await namesIn(scratch.root), []);
  // What was removed counts no more.
  assertEquals(await put("a", "x".repeat(900)), 201);
});

Deno.test("what is replaced or removed makes room", { ignore }, async () => {
  await using scratch = await makeScratch();
  const { directory, put } = await bounded(scratch.root, { maxTotal: 1000 });
  for (let round = 0; round < 20; round++) {
    const status = await put("a", "x".repeat(400));
    assertEquals(status, round === 0 ? 201 : 204);
  }
  assertEquals(await put("b", "x".repeat(700)), 507);
  const remove = { method: "DELETE" };
  assertEquals(await statusOf(ask(removal(directory), "a", remove)), 204);
  assertEquals(await put("b", "x".repeat(700)), 201);
});

Deno.test("the files of a form are bounded as well", { ignore }, async () => {
  await using scratch = await makeScratch();
  const { directory } = await bounded(scratch.root, { maxTotal: 1000 });
  const body = new FormData();
  body.append("a", new File(["x".repeat(600)], "a"));
  body.append("b", new File(["x".repeat(600)], "b"));
  const form = { method: "POST", body };
  assertEquals(await statusOf(ask(upload(directory), "", form)), 507);
  assertEquals(await used(scratch.root), 600);
});

Deno.test("unfinished uploads count, and what is given up counts no more", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { directory, put } = await bounded(scratch.root, { maxTotal: 1000 });
  const handler = receiving(directory, new ResumableUploads(directory));
  // The records take some of it when the disk is counted, and not before.
  const path = await begin(handler, "x".repeat(600));
  assertEquals(await put("b", "x".repeat(500)), 507);
  const long = { ...more(600, "?0"), "content-length": 500 };
  const refused = await askAll(handler, "PATCH", path, long, "x".repeat(500));
  assertEquals(refused.status, 507);
  assertEquals(refused.headers.get("upload-offset"), "600");
  const { body } = pieces(10, 100);
  const stopped = await askAll(handler, "PATCH", path, more(600, "?0"), body);
  assertEquals(stopped.status, 507);
  await assertOffset(handler, path, 600);
  const announced = { "upload-complete": "?0", "upload-length": 500 };
  const begun = await askAll(handler, "PUT", "/files/b", announced);
  assertEquals(begun.status, 507);

  // Complete, it takes up what it did.
  const last = await askAll(handler, "PATCH", path, more(600, "?1"), "x");
  assertEquals(last.status, 201);
  assertEquals(await put("b", "x".repeat(500)), 507);
  const other = await begin(handler, "x".repeat(300));
  assertEquals(await put("b", "x".repeat(200)), 507);
  assertEquals((await askAll(handler, "DELETE", other)).status, 204);
  assertEquals(await put("b", "x".repeat(200)), 201);
});

Deno.test("of several who give up an upload at once, one makes room", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { directory, put } = await bounded(scratch.root, { maxTotal: 1000 });
  const handler = receiving(directory, new ResumableUploads(directory));
  assertEquals(await put("a", "x".repeat(500)), 201);
  const path = await begin(handler, "x".repeat(300));
  await Promise.all(
    Array.from({ length: 20 }, () => askAll(handler, "DELETE", path)),
  );
  assertEquals(await put("b", "x".repeat(600)), 507);
  assertEquals(await put("b", "x".repeat(300)), 201);
});

Deno.test("a file that is replaced and removed makes room once", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { directory, put } = await bounded(scratch.root, { maxTotal: 1000 });
  assertEquals(await put("a", "x".repeat(600)), 201);
  assertEquals(await put("b", "x".repeat(200)), 201);
  const lock = await stateOf(directory).lock(scratch.root);
  const replaced = put("a", "x");
  await until(async () => (await namesIn(scratch.root)).length === 3);
  const remove = { method: "DELETE" };
  const removed = statusOf(ask(removal(directory), "a", remove));
  lock[Symbol.dispose]();
  // 201 if it was removed first: neither waits for the other.
  assert([201, 204].includes(await replaced));
  assertEquals(await removed, 204);
  assertEquals(await put("c", "x".repeat(900)), 507);
  assertEquals(await put("c", "x".repeat(700)), 201);
});

Deno.test("uploads past their own bound take no space of files", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { directory, put } = await bounded(scratch.root, { maxTotal: 1000 });
  const resumable = new ResumableUploads(directory, { maxSpace: 500 });
  const handler = receiving(directory, resumable);
  const path = await begin(handler, "x".repeat(100));
  const other = await begin(handler, "x".repeat(100));
  for (let round = 0; round < 10; round++) {
    const { body } = pieces(4, 100);
    const { status } = await askAll(
      handler,
      "PATCH",
      path,
      more(100, "?0"),
      body,
    );
    assertEquals(status, 507);
  }
  for (const each of [path, other]) await askAll(handler, "DELETE", each);
  assertEquals(await put("a", "x".repeat(990)), 201);
});

Deno.test("many uploads cost one count", { ignore }, async () => {
  await using scratch = await makeScratch();
  await Deno.writeTextFile(`${scratch.root}/a`, "x");
  const { put } = await bounded(scratch.root, { maxTotal: 10_000 });
  assertEquals(await put("b", "x"), 201);
  using looks = countCalls(Deno, "readDir");
  await Promise.all(
    Array.from({ length: 50 }, (_, at) => put(`${at}`, "x".repeat(10))),
  );
  assertEquals(looks.count, 0);
});

Deno.test("after a minute, the files of other instances count", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { put } = await bounded(scratch.root, { maxTotal: 1000 });
  assertEquals(await put("a", "x"), 201);
  await Deno.writeTextFile(`${scratch.root}/theirs`, "x".repeat(900));
  const { now } = performance;
  performance.now = () => now.call(performance) + 100_000;
  try {
    // This one begins the count, and the next is judged by it.
    assertEquals(await put("b", "x"), 201);
    const { put: other } = await bounded(scratch.root, { maxTotal: 1000 });
    assertEquals(await other("c", "x".repeat(200)), 507);
    performance.now = () => now.call(performance) + 200_000;
    // What would be refused waits for the count.
    const length = { "content-length": "900" };
    assertEquals(await put("c", "x".repeat(900), length), 507);
    await Deno.remove(`${scratch.root}/theirs`);
    performance.now = () => now.call(performance) + 300_000;
    assertEquals(await put("c", "x".repeat(900), length), 201);
  } finally {
    performance.now = now;
  }
});

Deno.test("what arrives while files are counted is not missed", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  for (let at = 0; at < 20; at++) {
    await Deno.writeTextFile(`${scratch.root}/${at}`, "x".repeat(10));
  }
  const bounds = { maxTotal: 1000, keepFree: 0, freeOctets: () => Infinity };
  const space = new Space(scratch.root, bounds);
  const counting = space.count();
  space.grow(700);
  await counting;
  await assertRejects(() => space.refuseMore(101));
  await space.refuseMore(100);
});

Deno.test("so much stays free on the file system", { ignore }, async () => {
  let left = 1000;
  const bounds = {
    maxTotal: Infinity,
    keepFree: 500,
    freeOctets: () => left,
  };
  const space = new Space("/", bounds);
  await assertRejects(() => space.refuseMore(501), Error, "no space left");
  await space.refuseMore(500);
  space.grow(400);
  await assertRejects(() => space.refuseMore(501), Error, "no space left");
  // What others take shows a second later, and what they give back at once.
  left = 499;
  await space.refuseMore(100);
  const { now } = performance;
  performance.now = () => now.call(performance) + 1001;
  try {
    await assertRejects(() => space.refuseMore(100), Error, "no space left");
    left = 2000;
    await space.refuseMore(1500);
  } finally {
    performance.now = now;
  }
});

const mayAsk = (await Deno.permissions.query({ name: "sys", kind: "statfs" }))
  .state === "granted";

Deno.test("free space needs a permission to ask for it", {
  ignore: ignore || mayAsk,
}, async () => {
  await using scratch = await makeScratch();
  await assertRejects(
    () => Directory.open(scratch.root, { keepFree: 1 }),
    Deno.errors.NotCapable,
  );
});

Deno.test("a bound that is none is refused", { ignore }, async () => {
  await using scratch = await makeScratch();
  for (const bounds of [{ maxTotal: -1 }, { keepFree: 1.5 }]) {
    await assertRejects(
      () => Directory.open(scratch.root, bounds),
      RangeError,
      `Cannot use ${Object.keys(bounds)[0]}: got`,
    );
  }
});
