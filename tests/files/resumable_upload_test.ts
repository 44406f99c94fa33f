/** draft-ietf-httpbis-resumable-upload: begin, break off, ask, go on, give up. */

import { assertEquals, assertMatch } from "@std/assert";
import { countCalls } from "./counted_calls.ts";
import {
  announced,
  ask,
  assertOffset,
  begin,
  broken,
  type Fields,
  heldContent,
  more,
  open,
  partial,
} from "./resumable.ts";
import { makeScratch, namesIn, noDisk as ignore } from "./scratch.ts";

for (const method of ["PUT", "POST"]) {
  Deno.test(`${method}: all in one request`, { ignore }, async () => {
    await using scratch = await makeScratch();
    const handler = await open(scratch.root);
    const fields = { "upload-complete": "?1", ...announced };
    const response = await ask(handler, method, "/files/a", fields, "content");
    assertEquals(response.status, 201);
    assertMatch(response.headers.get("etag")!, /^"/);
    assertEquals(response.headers.get("upload-complete"), "?1");
    const [{ status, headers }] = response.interim;
    assertEquals(status, 104);
    assertMatch(headers.get("location")!, /^\/uploads\/[\da-f-]{36}$/);
    assertEquals(await Deno.readTextFile(`${scratch.root}/a`), "content");
    await assertOffset(handler, headers.get("location")!, 7, "?1");
    const again = await ask(handler, method, "/files/a", fields, "other");
    assertEquals(again.status, method === "PUT" ? 204 : 201);
  });
}

for (
  const [what, fields, body] of [
    ["says no version", {}, "x"],
    ["brings no content", announced, undefined],
    ["brings content of no octets", { ...announced, "content-length": 0 }, ""],
    ...[
      "Via",
      "Forwarded",
      "X-Forwarded-For",
      "X-Forwarded-Host",
      "X-Forwarded-Proto",
      "X-Real-IP",
    ].map((name) => [`has ${name}`, { ...announced, [name]: "x" }, "x"]),
  ] as [string, Fields, string | undefined][]
) {
  Deno.test(`a request that ${what} gets no 104`, { ignore }, async () => {
    await using scratch = await makeScratch();
    const handler = await open(scratch.root);
    for (const complete of ["?0", "?1"]) {
      const all = { ...fields, "upload-complete": complete };
      const response = await ask(handler, "POST", "/files/a", all, body);
      assertEquals(response.status, 201);
      assertEquals(response.interim, []);
      const location = response.headers.get("location");
      // What is complete and cannot be asked after is not told of.
      const names = await namesIn(`${scratch.root}/.sluice-uploads`);
      if (complete === "?1") assertEquals(names.length, 2);
      else await assertOffset(handler, location!, body?.length ?? 0);
    }
  });
}

Deno.test("an upload that breaks off goes on", { ignore }, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  const first = await ask(
    handler,
    "PUT",
    "/files/sub/a.txt",
    { "upload-complete": "?1", "upload-length": 10, ...announced },
    broken("0123"),
  );
  assertEquals(first.status, 400); // which the client does not get
  const path = first.interim[0].headers.get("location")!;
  assertEquals(await namesIn(scratch.root), [".sluice-uploads"]);
  await assertOffset(handler, path, 4);
  const second = await ask(handler, "PATCH", path, more(4, "?1"), broken("45"));
  assertEquals(second.status, 400);
  await assertOffset(handler, path, 6);
  // On another instance, such as one after a restart.
  const other = await open(scratch.root);
  const third = await ask(other, "PATCH", path, more(6, "?0"), "67");
  assertEquals(third.status, 204);
  assertEquals(third.headers.get("upload-offset"), "8");
  const last = await ask(other, "PATCH", path, more(8, "?1"), "89");
  assertEquals(last.status, 201);
  const text = await Deno.readTextFile(`${scratch.root}/sub/a.txt`);
  assertEquals(text, "0123456789");
  assertEquals((await namesIn(`${scratch.root}/.sluice-uploads`)).length, 1);
});

Deno.test("the last part may be empty", { ignore }, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  const path = await begin(handler, "all", { "upload-length": 3 });
  const last = await ask(handler, "PATCH", path, more(3, "?1"));
  assertEquals(last.status, 201);
  assertEquals(await Deno.readTextFile(`${scratch.root}/a.txt`), "all");
});

Deno.test("an offset that differs is a problem that tells it", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  const path = await begin(handler, "0123");
  for (const offset of [0, 3, 5]) {
    const response = await ask(handler, "PATCH", path, more(offset, "?1"), "x");
    assertEquals(response.status, 409);
    assertEquals(
      response.headers.get("content-type"),
      "application/problem+json",
    );
    assertEquals(await response.json(), {
      type:
        "https://iana.org/assignments/http-problem-types#mismatching-upload-offset",
      title: "Upload-Offset does not match the upload",
      status: 409,
      "expected-offset": 4,
      "provided-offset": offset,
    });
  }
  await assertOffset(handler, path, 4);
});

Deno.test("what is complete takes no more", { ignore }, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  const path = await begin(handler, "");
  await ask(handler, "PATCH", path, more(0, "?1"), "content");
  const response = await ask(handler, "PATCH", path, more(7, "?1"), "x");
  assertEquals(response.status, 400);
  assertMatch((await response.json()).type, /#completed-upload$/);
});

Deno.test("a length that does not fit is refused, and nothing lost", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  for (
    const [fields, body, offset] of [
      [{ ...more(4, "?1"), "upload-length": 7 }, "456", 4],
      [{ ...more(4, "?1"), "content-length": 9 }, "45", 4],
      [{ ...more(4, "?1"), "upload-length": "six" }, "45", 4],
      [more(4, "?1"), "4", 5],
    ] as [Fields, string, number][]
  ) {
    const path = await begin(handler, "0123", { "upload-length": 6 });
    const { status } = await ask(handler, "PATCH", path, fields, body);
    assertEquals(status, 400, JSON.stringify(fields) + body);
    await assertOffset(handler, path, offset);
    assertEquals(await namesIn(scratch.root), [".sluice-uploads"]);
  }
});

Deno.test("an upload that is given up is gone", { ignore }, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  const path = await begin(handler, "0123");
  assertEquals((await ask(handler, "DELETE", path)).status, 204);
  for (const method of ["HEAD", "DELETE"]) {
    assertEquals((await ask(handler, method, path)).status, 404);
  }
  const patch = await ask(handler, "PATCH", path, more(4, "?1"), "x");
  assertEquals(patch.status, 404);
  assertEquals(await namesIn(`${scratch.root}/.sluice-uploads`), []);
});

Deno.test("preconditions hold when it begins and when it ends", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  const isNew = { "if-none-match": "*" };
  const path = await begin(handler, "mine", isNew);
  await Deno.writeTextFile(`${scratch.root}/a.txt`, "theirs");
  const last = await ask(handler, "PATCH", path, more(4, "?1"));
  assertEquals(last.status, 412);
  assertEquals(await namesIn(`${scratch.root}/.sluice-uploads`), []);
  const text = await Deno.readTextFile(`${scratch.root}/a.txt`);
  assertEquals(text, "theirs");
  const late = await ask(handler, "PUT", "/files/a.txt", {
    "upload-complete": "?0",
    ...isNew,
  });
  assertEquals(late.status, 412);
  assertEquals(late.interim, []);
});

Deno.test("digests are of a part, or of the whole", { ignore }, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  const digest = async (text: string) => {
    const octets = new TextEncoder().encode(text);
    const hash = await crypto.subtle.digest("SHA-256", octets);
    return `sha-256=:${new Uint8Array(hash).toBase64()}:`;
  };
  const path = await begin(handler, "01", {
    "content-digest": await digest("01"),
    "repr-digest": await digest("0123"),
  });
  const bad = { ...more(2, "?0"), "content-digest": await digest("xx") };
  assertEquals((await ask(handler, "PATCH", path, bad, "23")).status, 400);
  await assertOffset(handler, path, 2);
  const good = { ...more(2, "?1"), "content-digest": await digest("23") };
  assertEquals((await ask(handler, "PATCH", path, good, "23")).status, 201);

  const wrong = await begin(handler, "x", { "repr-digest": await digest("y") });
  const last = await ask(handler, "PATCH", wrong, more(1, "?1"));
  assertEquals(last.status, 400);
  const text = await Deno.readTextFile(`${scratch.root}/a.txt`);
  assertEquals(text, "0123");
});

Deno.test("no upload is larger than is allowed", { ignore }, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root, { maxSize: 10 });
  for (
    const [fields, body] of [
      [{ "upload-complete": "?0", "upload-length": 11 }, ""],
      [{ "upload-complete": "?1", "content-length": 11 }, "x".repeat(11)],
      [{ "upload-complete": "?1" }, "x".repeat(11)],
      [{ "upload-complete": "?0" }, "x".repeat(11)],
    ] as [Fields, string][]
  ) {
    const response = await ask(handler, "PUT", "/files/a", fields, body);
    assertEquals(response.status, 413);
  }
  const path = await begin(handler, "x".repeat(10));
  const { headers } = await ask(handler, "HEAD", path);
  assertEquals(headers.get("upload-limit"), "max-size=10, max-age=86400");
  const patch = await ask(handler, "PATCH", path, more(10, "?1"), "x");
  assertEquals(patch.status, 413);
});

Deno.test("a later request takes over from an earlier one", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  const path = await begin(handler, "01");
  const stalled = Promise.withResolvers<void>();
  let pulls = 0;
  const body = new ReadableStream({
    pull(controller) {
      if (pulls++ === 0) {
        return controller.enqueue(new TextEncoder().encode("23"));
      }
      stalled.resolve();
      return new Promise(() => {});
    },
  }, { highWaterMark: 0 });
  const earlier = ask(handler, "PATCH", path, more(2, "?1"), body);
  await stalled.promise;
  await assertOffset(handler, path, 4);
  assertEquals((await earlier).status, 409);
  const later = await ask(handler, "PATCH", path, more(4, "?1"), "45");
  assertEquals(later.status, 201);
  const text = await Deno.readTextFile(`${scratch.root}/a.txt`);
  assertEquals(text, "012345");
});

Deno.test("what another instance is receiving is left alone", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const [one, other] = [await open(scratch.root), await open(scratch.root)];
  const path = await begin(one, "01");
  const { body, reached, goOn } = heldContent([], []);
  const first = ask(one, "PATCH", path, more(2, "?1"), body);
  await reached;
  const [second, asked] = await Promise.all([
    ask(other, "PATCH", path, more(2, "?1"), "x"),
    ask(other, "HEAD", path),
  ]);
  for (const { status, headers } of [second, asked]) {
    assertEquals([status, headers.get("retry-after")], [409, "1"]);
  }
  goOn();
  assertEquals((await first).status, 201);
  assertEquals(await Deno.readTextFile(`${scratch.root}/a.txt`), "01");
});

Deno.test("what another instance still writes counts before it is told", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const [one, other] = [await open(scratch.root), await open(scratch.root)];
  const path = await begin(one, "01");
  const { body, reached, goOn } = heldContent(["23"], ["45"]);
  const part = ask(one, "PATCH", path, more(2, "?0"), body);
  await reached;
  using _locks = countCalls(Deno.FsFile.prototype, "tryLock", goOn);
  await assertOffset(other, path, 6);
  assertEquals((await part).status, 204);
});

Deno.test("a lock that outlives its writer for a moment is waited for", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  const path = await begin(handler, "01");
  const { tryLock } = Deno.FsFile.prototype;
  let refusals = 3;
  Deno.FsFile.prototype.tryLock = function (exclusive) {
    return refusals-- > 0
      ? Promise.resolve(false)
      : tryLock.call(this, exclusive);
  };
  try {
    const last = await ask(handler, "PATCH", path, more(2, "?1"), "x");
    assertEquals(last.status, 201);
  } finally {
    Deno.FsFile.prototype.tryLock = tryLock;
  }
});

Deno.test("what nobody goes on with is removed after a day", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  const old = await begin(handler, "old");
  const folder = `${scratch.root}/.sluice-uploads`;
  const dayBefore = Date.now() / 1000 - 24 * 3600 - 1;
  const age = async (end: string) => {
    for (const name of await namesIn(folder)) {
      if (!name.endsWith(end)) continue;
      await Deno.utime(`${folder}/${name}`, dayBefore, dayBefore);
    }
  };
  // Begun long ago, and still going on.
  await age(".json");
  await begin(handler, "new");
  await assertOffset(handler, old, 3);
  await age("");
  // After a restart, say: the folder is looked through once a minute at most.
  const fresh = await begin(await open(scratch.root), "new");
  assertEquals((await namesIn(folder)).length, 2);
  assertEquals((await ask(handler, "HEAD", old)).status, 404);
  await assertOffset(handler, fresh, 3);
});

Deno.test("where no folder for uploads can be made, none is begun", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  const { mkdir } = Deno;
  Deno.mkdir = () =>
    Promise.reject(Object.assign(new Error("Full"), { code: "ENOSPC" }));
  try {
    const fields = { "upload-complete": "?0" };
    const response = await ask(handler, "PUT", "/files/a", fields, "content");
    assertEquals(response.status, 507);
  } finally {
    Deno.mkdir = mkdir;
  }
  assertEquals(await namesIn(scratch.root), []);
});

Deno.test(
  "a length that cannot be written down is told before the content is taken",
  {
    ignore,
  },
  async () => {
    await using scratch = await makeScratch();
    const handler = await open(scratch.root);
    const path = await begin(handler, "one");
    const { rename } = Deno;
    Deno.rename = () =>
      Promise.reject(Object.assign(new Error("Full"), { code: "ENOSPC" }));
    try {
      const fields = { ...more(3, "?0"), "upload-length": 9 };
      const response = await ask(handler, "PATCH", path, fields, "two");
      assertEquals(response.status, 507);
    } finally {
      Deno.rename = rename;
    }
    await assertOffset(handler, path, 3);
  },
);

Deno.test("what is malformed is refused", { ignore }, async () => {
  await using scratch = await makeScratch();
  await Deno.mkdir(`${scratch.root}/sub`);
  const handler = await open(scratch.root);
  const path = await begin(handler, "01");
  const wanted = (fields: Fields) => ask(handler, "PATCH", path, fields, "x");
  const { "content-type": _, ...untyped } = more(2, "?1");
  assertEquals((await wanted(untyped)).status, 415);
  assertEquals((await wanted(partial)).status, 400);
  assertEquals((await wanted({ ...partial, "upload-offset": 2 })).status, 400);
  const odd = { ...more(2, "?1"), "upload-complete": "true" };
  assertEquals((await wanted(odd)).status, 400);
  const negative = { ...more(2, "?1"), "upload-offset": -2 };
  assertEquals((await wanted(negative)).status, 400);
  await assertOffset(handler, path, 2);
  for (const token of ["x", "..", "%2e%2e%2fa", crypto.randomUUID()]) {
    const { status } = await ask(handler, "HEAD", `/uploads/${token}`);
    assertEquals(status, 404);
  }
  for (
    const [path, status] of [
      ["sub", 409],
      [".hidden", 403],
      ["", 400],
      [".sluice-uploads/a", 403],
    ] as const
  ) {
    const begun = { "upload-complete": "?0" };
    const response = await ask(handler, "PUT", `/files/${path}`, begun, "x");
    assertEquals(response.status, status);
  }
});
