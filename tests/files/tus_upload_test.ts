/** The tus protocol (1.0.0): each section of it, as a client sees it. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Directory } from "../../lib/files/directory.ts";
import { ResumableUploads } from "../../lib/files/resumable_upload.ts";
import type { Handler, PortableInfo } from "../../lib/handler.ts";
import { ask, broken, type Fields, open, receiving } from "./resumable.ts";
import { makeScratch, namesIn, noDisk as ignore } from "./scratch.ts";

const tus = { "tus-resumable": "1.0.0" };
const part = { ...tus, "content-type": "application/offset+octet-stream" };

function base64(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}

/** Begins one for that name, and tells where it is. */
async function begin(
  handler: Handler<PortableInfo>,
  fields: Fields,
  name = "a.txt",
): Promise<string> {
  const response = await ask(handler, "POST", `/files/${name}`, {
    ...tus,
    ...fields,
  });
  assertEquals(response.status, 201, await response.text());
  return response.headers.get("location")!;
}

async function offsetOf(
  handler: Handler<PortableInfo>,
  path: string,
): Promise<string | null> {
  const { status, headers } = await ask(handler, "HEAD", path, tus);
  assertEquals(status, 200);
  return headers.get("upload-offset");
}

/** The names of files, and how many uploads have left something. */
async function left(root: string): Promise<[string[], number]> {
  const names = (await namesIn(root)).filter((name) => name[0] !== ".");
  const uploads = await namesIn(`${root}/.sluice-uploads`).catch(() => []);
  return [names, uploads.length];
}

Deno.test("tus core: HEAD and PATCH, after a break and on another instance", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  const path = await begin(handler, { "upload-length": 9 });
  assertMatch(path, /^\/uploads\/[\da-f-]{36}$/);
  const more = (offset: number) => ({ ...part, "upload-offset": offset });
  await ask(handler, "PATCH", path, more(0), broken("0123"));
  const head = await ask(handler, "HEAD", path, tus);
  assertEquals(head.status, 200);
  assertEquals(head.headers.get("upload-offset"), "4");
  assertEquals(head.headers.get("upload-length"), "9");
  assertEquals(head.headers.get("cache-control"), "no-store");
  assertEquals(head.headers.get("tus-resumable"), "1.0.0");

  const other = await open(scratch.root);
  const middle = await ask(other, "PATCH", path, more(4), "56");
  assertEquals(middle.status, 204);
  assertEquals(middle.headers.get("upload-offset"), "6");
  assertEquals(middle.headers.get("tus-resumable"), "1.0.0");
  const expires = Date.parse(middle.headers.get("upload-expires")!);
  assert(Math.abs(expires - Date.now() - 24 * 3600 * 1000) < 60_000);
  assertEquals((await left(scratch.root))[0], []);

  const last = await ask(other, "PATCH", path, more(6), "789");
  assertEquals(last.status, 204);
  assertEquals(last.headers.get("upload-offset"), "9");
  assertEquals(last.headers.get("upload-expires"), null);
  assertMatch(last.headers.get("etag")!, /^"/);
  const text = await Deno.readTextFile(`${scratch.root}/a.txt`);
  assertEquals(text, "012356789");
  // A client that has not got that answer asks again.
  assertEquals(await offsetOf(handler, path), "9");
  const again = await ask(handler, "PATCH", path, more(9));
  assertEquals(again.status, 204);
  assertEquals(again.headers.get("upload-offset"), "9");
  const longer = await ask(handler, "PATCH", path, more(9), "x");
  assertEquals(longer.status, 413);
});

Deno.test("tus core: what PATCH refuses changes nothing", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  const path = await begin(handler, { "upload-length": 4 });
  const { "content-type": _, ...untyped } = part;
  for (
    const [fields, body, status] of [
      [{ ...untyped, "upload-offset": 0 }, "0123", 415],
      [{ ...part, "content-type": "text/plain", "upload-offset": 0 }, "x", 415],
      [part, "0123", 400],
      [{ ...part, "upload-offset": "x" }, "0123", 400],
      [{ ...part, "upload-offset": 1 }, "0123", 409],
      [{ ...part, "upload-offset": 0, "content-length": 5 }, "01234", 413],
      [{ ...part, "upload-offset": 0, "upload-length": 5 }, "0123", 400],
      [{ ...part, "upload-offset": 0, "upload-checksum": "sha1 x" }, "0", 400],
      [{ ...part, "upload-offset": 0, "tus-resumable": "0.2.2" }, "0", 412],
    ] as [Fields, string, number][]
  ) {
    const response = await ask(handler, "PATCH", path, fields, body);
    assertEquals(response.status, status, JSON.stringify(fields));
    assertEquals(response.headers.get("tus-resumable"), "1.0.0");
    assertEquals(await offsetOf(handler, path), "0");
  }
  const unknown = `/uploads/${crypto.randomUUID()}`;
  for (const method of ["HEAD", "PATCH", "DELETE"]) {
    const fields = { ...part, "upload-offset": 0 };
    const { status } = await ask(handler, method, unknown, fields);
    assertEquals(status, 404);
  }
});

Deno.test("tus core: another version gets 412, and nothing is stored", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  for (const version of ["", "0.2.2", "1.0", "2.0.0", "1.0.0, 2.0.0"]) {
    const fields = { "tus-resumable": version, "upload-length": 1 };
    for (const method of ["POST", "PUT"]) {
      const response = await ask(handler, method, "/files/a", fields, "x");
      assertEquals(response.status, 412);
      assertEquals(response.headers.get("tus-version"), "1.0.0");
      assertEquals(response.headers.get("tus-resumable"), "1.0.0");
    }
  }
  const fields = { ...part, "upload-length": 1 };
  const put = await ask(handler, "PUT", "/files/a", fields, "x");
  assertEquals(put.status, 400);
  assertEquals(await namesIn(scratch.root), []);
});

Deno.test("tus core: X-HTTP-Method-Override", { ignore }, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  const path = await begin(handler, { "upload-length": 2 });
  const as = (method: string) => ({ "x-http-method-override": method });
  const more = { ...part, ...as("PATCH"), "upload-offset": 0 };
  assertEquals((await ask(handler, "POST", path, more, "0")).status, 204);
  assertEquals(await offsetOf(handler, path), "1");
  for (const fields of [tus, { ...tus, ...as("GET") }, as("DELETE")]) {
    const { status, headers } = await ask(handler, "POST", path, fields);
    assertEquals(status, 405);
    assertEquals(headers.get("allow"), "HEAD, PATCH, DELETE");
  }
  const gone = await ask(handler, "POST", path, { ...tus, ...as("DELETE") });
  assertEquals(gone.status, 204);
  assertEquals(await left(scratch.root), [[], 0]);
});

Deno.test(
  "tus core: an upload cut off before it became a file is one when asked",
  {
    ignore,
  },
  async () => {
    await using scratch = await makeScratch();
    const handler = await open(scratch.root);
    const path = await begin(handler, { "upload-length": 4 });
    const { rename } = Deno;
    Deno.rename = (from, to) =>
      `${to}`.endsWith("a.txt")
        ? Promise.reject(Object.assign(new Error("Full"), { code: "ENOSPC" }))
        : rename(from, to);
    const more = { ...part, "upload-offset": 0 };
    try {
      const last = await ask(handler, "PATCH", path, more, "0123");
      assertEquals(last.status, 507);
      // Who is told that all of it is there takes it for complete.
      assertEquals((await ask(handler, "HEAD", path, tus)).status, 507);
    } finally {
      Deno.rename = rename;
    }
    assertEquals((await left(scratch.root))[0], []);
    assertEquals(await offsetOf(handler, path), "4");
    const text = await Deno.readTextFile(`${scratch.root}/a.txt`);
    assertEquals(text, "0123");
  },
);

Deno.test("tus core: an upload that another instance receives is locked", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const [one, other] = [await open(scratch.root), await open(scratch.root)];
  const path = await begin(one, { "upload-length": 2 });
  const writing = Promise.withResolvers<void>();
  const mayEnd = Promise.withResolvers<void>();
  const body = new ReadableStream({
    async pull(controller) {
      writing.resolve();
      await mayEnd.promise;
      controller.enqueue(new TextEncoder().encode("01"));
      controller.close();
    },
  }, { highWaterMark: 0 });
  const more = { ...part, "upload-offset": 0 };
  const first = ask(one, "PATCH", path, more, body);
  await writing.promise;
  const second = await ask(other, "PATCH", path, more, "xy");
  assertEquals(second.status, 423);
  mayEnd.resolve();
  assertEquals((await first).status, 204);
  assertEquals(await Deno.readTextFile(`${scratch.root}/a.txt`), "01");
});

Deno.test("tus creation: to a folder, by the name in Upload-Metadata", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  const name = "é, #1 %41.txt";
  const metadata = `filename ${base64(name)}, is_confidential,type dGV4dA==`;
  for (const folder of ["", "sub/deep/"]) {
    const created = await ask(handler, "POST", `/files/${folder}`, {
      ...part,
      "upload-length": 3,
      "upload-metadata": metadata,
    }, "abc");
    assertEquals(created.status, 201);
    const path = created.headers.get("location")!;
    const text = await Deno.readTextFile(`${scratch.root}/${folder}${name}`);
    assertEquals(text, "abc");
    const { headers } = await ask(handler, "HEAD", path, tus);
    assertEquals(headers.get("upload-metadata"), metadata);
  }
});

Deno.test("tus creation: what is refused leaves nothing", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await Deno.writeTextFile(`${scratch.root}/there`, "old");
  await Deno.mkdir(`${scratch.root}/sub`);
  const handler = await open(scratch.root, { maxSize: 9 });
  const named = (name: string) => ({
    "upload-length": 1,
    "upload-metadata": `filename ${base64(name)}`,
  });
  const sized = { "upload-length": 1 };
  for (
    const [path, fields, status] of [
      ["", sized, 400],
      ["", { ...sized, "upload-metadata": "name YQ==" }, 400],
      ["", { ...sized, "upload-metadata": "filename" }, 400],
      ["", { ...sized, "upload-metadata": "filename ====" }, 400],
      ["", { ...sized, "upload-metadata": "filename /w==" }, 400],
      ["", { ...sized, "upload-metadata": "filename YQ==,filename YQ==" }, 400],
      ["", named("../a"), 400],
      ["", named("sub/a"), 400],
      ["", named(".."), 400],
      ["", named("a\0"), 400],
      ["", named(".hidden"), 403],
      ["", named(".sluice-uploads"), 403],
      ["", named("sub"), 409],
      ["", { ...named("there"), "if-none-match": "*" }, 412],
      ["a", { ...sized, "upload-metadata": "a b c" }, 400],
      ["a", { ...sized, "upload-metadata": "" }, 400],
      ["a", {}, 400],
      ["a", { "upload-length": "x" }, 400],
      ["a", { "upload-length": 10 }, 413],
      ["a", { "upload-defer-length": 0 }, 400],
      ["a", { ...sized, "upload-defer-length": 1 }, 400],
      ["a", { ...sized, "upload-concat": "partial" }, 400],
      ["a", { ...sized, "upload-checksum": "sha1 x" }, 400],
      ["a", { ...sized, "content-encoding": "gzip" }, 415],
      ["a", { ...sized, "repr-digest": "sha-256=:x:" }, 400],
    ] as [string, Fields, number][]
  ) {
    const all = { ...tus, ...fields };
    const response = await ask(handler, "POST", `/files/${path}`, all);
    assertEquals(response.status, status, JSON.stringify([path, fields]));
  }
  // Content that is not said to be a part of the file.
  const typed = { ...tus, ...sized, "content-type": "text/plain" };
  for (const fields of [typed, { ...tus, ...sized }]) {
    const response = await ask(handler, "POST", "/files/a", fields, "x");
    assertEquals(response.status, 415);
  }
  const excess = { ...part, ...sized, "content-length": 2 };
  const response = await ask(handler, "POST", "/files/a", excess, "xy");
  assertEquals(response.status, 413);
  assertEquals(await left(scratch.root), [["sub", "there"], 0]);
});

Deno.test("tus creation: a PUT to a folder does not name a file in it", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  const response = await ask(handler, "PUT", "/files/sub/", {
    "upload-complete": "?1",
    "upload-metadata": `filename ${base64("a")}`,
  }, "x");
  assertEquals(response.status, 400);
  assertEquals(await left(scratch.root), [[], 0]);
  // A POST does, in the words of the draft as well.
  const posted = await ask(handler, "POST", "/files/sub/", {
    "upload-complete": "?1",
    "upload-metadata": `filename ${base64("a")}`,
  }, "x");
  assertEquals(posted.status, 201);
  assertEquals(posted.headers.get("location"), "/files/sub/a");
  assertEquals(await Deno.readTextFile(`${scratch.root}/sub/a`), "x");
});

Deno.test("tus creation: an empty file, and one in the place of another", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await Deno.writeTextFile(`${scratch.root}/a.txt`, "old");
  const handler = await open(scratch.root);
  const path = await begin(handler, { "upload-length": 0 });
  assertEquals(await Deno.readTextFile(`${scratch.root}/a.txt`), "");
  assertEquals(await offsetOf(handler, path), "0");
  // Preconditions hold when it begins and when it ends.
  const isNew = { "upload-length": 1, "if-none-match": "*" };
  const late = await begin(handler, isNew, "b");
  await Deno.writeTextFile(`${scratch.root}/b`, "theirs");
  const more = { ...part, "upload-offset": 0 };
  assertEquals((await ask(handler, "PATCH", late, more, "x")).status, 412);
  assertEquals(await Deno.readTextFile(`${scratch.root}/b`), "theirs");
  assertEquals((await ask(handler, "HEAD", late, tus)).status, 404);
});

Deno.test("tus creation-defer-length: the length may follow, once", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root, { maxSize: 9 });
  const deferred = { "upload-defer-length": 1 };
  const path = await begin(handler, deferred);
  const more = (offset: number, fields: Fields = {}) => ({
    ...part,
    "upload-offset": offset,
    ...fields,
  });
  await ask(handler, "PATCH", path, more(0), "01");
  const { headers } = await ask(handler, "HEAD", path, tus);
  assertEquals(headers.get("upload-defer-length"), "1");
  assertEquals(headers.get("upload-length"), null);
  const short = more(2, { "upload-length": 1 });
  assertEquals((await ask(handler, "PATCH", path, short)).status, 413);
  const told = more(2, { "upload-length": 4 });
  assertEquals((await ask(handler, "PATCH", path, told, "2")).status, 204);
  const other = more(3, { "upload-length": 5 });
  assertEquals((await ask(handler, "PATCH", path, other, "3")).status, 400);
  assertEquals((await ask(handler, "PATCH", path, more(3), "3")).status, 204);
  assertEquals(await Deno.readTextFile(`${scratch.root}/a.txt`), "0123");
  // The end may be known only after all octets.
  const second = await begin(handler, deferred, "b");
  await ask(handler, "PATCH", second, more(0), "01");
  const end = more(2, { "upload-length": 2 });
  assertEquals((await ask(handler, "PATCH", second, end)).status, 204);
  assertEquals(await Deno.readTextFile(`${scratch.root}/b`), "01");
  const large = await begin(handler, deferred, "c");
  const past = more(0, { "upload-length": 10 });
  assertEquals((await ask(handler, "PATCH", large, past, "x")).status, 413);
});

Deno.test("tus creation-with-upload: a part, or all of it", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  const fields = { ...part, "upload-length": 4 };
  const some = await ask(handler, "POST", "/files/a", fields, "01");
  assertEquals(some.status, 201);
  assertEquals(some.headers.get("upload-offset"), "2");
  assert(some.headers.has("upload-expires"));
  const path = some.headers.get("location")!;
  assertEquals(await offsetOf(handler, path), "2");
  const all = await ask(handler, "POST", "/files/b", fields, "0123");
  assertEquals(all.status, 201);
  assertEquals(all.headers.get("upload-offset"), "4");
  assertEquals(await Deno.readTextFile(`${scratch.root}/b`), "0123");
  // What breaks off has told nobody where it is.
  const cut = await ask(handler, "POST", "/files/c", fields, broken("0"));
  assertEquals(cut.status, 400);
  await ask(handler, "DELETE", path, tus);
  await ask(handler, "DELETE", all.headers.get("location")!, tus);
  assertEquals(await left(scratch.root), [["b"], 0]);
});

Deno.test("tus: digests, and bounds, are those of other uploads", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root, { maxUploads: 2, maxSpace: 8 });
  const wrong = `sha-256=:${btoa("\0".repeat(32))}:`;
  const path = await begin(handler, {
    "upload-length": 2,
    "repr-digest": wrong,
  });
  const more = { ...part, "upload-offset": 0 };
  const odd = { ...more, "content-digest": wrong };
  assertEquals((await ask(handler, "PATCH", path, odd, "01")).status, 400);
  assertEquals(await offsetOf(handler, path), "0");
  assertEquals((await ask(handler, "PATCH", path, more, "01")).status, 400);
  assertEquals(await left(scratch.root), [[], 0]);

  const one = await begin(handler, { "upload-length": 6 });
  assertEquals((await ask(handler, "PATCH", one, more, "01234")).status, 204);
  const second = await begin(handler, { "upload-defer-length": 1 }, "b");
  const full = await ask(handler, "PATCH", second, more, "0123");
  assertEquals(full.status, 507);
  assertEquals(full.headers.get("upload-offset"), "0");
  const third = { ...tus, "upload-length": 1 };
  const refused = await ask(handler, "POST", "/files/c", third);
  assertEquals(refused.status, 503);
  assertEquals(refused.headers.get("tus-resumable"), "1.0.0");
});

Deno.test("tus expiration: what nobody goes on with is removed after a day", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const directory = await Directory.open(scratch.root);
  const resumable = new ResumableUploads(directory);
  const handler = receiving(directory, resumable);
  const paths = [
    await begin(handler, { "upload-length": 2 }),
    await begin(handler, { "upload-length": 0 }, "b"),
  ];
  const folder = `${scratch.root}/.sluice-uploads`;
  const dayBefore = Date.now() / 1000 - 24 * 3600 - 1;
  for (const name of await namesIn(folder)) {
    await Deno.utime(`${folder}/${name}`, dayBefore, dayBefore);
  }
  await resumable.sweep();
  assertEquals(await left(scratch.root), [["b"], 0]);
  for (const path of paths) {
    assertEquals((await ask(handler, "HEAD", path, tus)).status, 404);
  }
});

Deno.test("tus termination: an upload that is given up is gone, a file stays", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  const path = await begin(handler, { "upload-length": 2 });
  const done = await begin(handler, { "upload-length": 0 }, "b");
  for (const each of [path, done]) {
    const response = await ask(handler, "DELETE", each, tus);
    assertEquals(response.status, 204);
    assertEquals(response.headers.get("tus-resumable"), "1.0.0");
    assertEquals((await ask(handler, "HEAD", each, tus)).status, 404);
  }
  assertEquals(await left(scratch.root), [["b"], 0]);
});

Deno.test("what OPTIONS says of uploads", { ignore }, async () => {
  await using scratch = await makeScratch();
  const directory = await Directory.open(scratch.root);
  const resumable = new ResumableUploads(directory, { maxSize: 99 });
  const options = new Response(null, {
    status: 204,
    headers: { allow: "GET, POST" },
  });
  const { status, headers } = resumable.describe(options);
  assertEquals([status, Object.fromEntries(headers)], [204, {
    "accept-patch":
      "application/partial-upload, application/offset+octet-stream",
    allow: "GET, POST",
    "tus-extension":
      "creation,creation-with-upload,creation-defer-length,expiration,termination",
    "tus-max-size": "99",
    "tus-resumable": "1.0.0",
    "tus-version": "1.0.0",
    "upload-draft-interop-version": "8, 7, 6, 5, 4, 3",
    "upload-limit": "max-size=99, max-age=86400",
  }]);
});

Deno.test(
  "where no upload is resumed, no part of a file is stored as the file",
  {
    ignore,
  },
  async () => {
    await using scratch = await makeScratch();
    const directory = await Directory.open(scratch.root);
    const handler = receiving(directory, undefined);
    for (
      const fields of [
        { ...tus, "upload-length": 5 },
        { "upload-complete": "?0" },
        { "upload-incomplete": "?1" },
      ] as Fields[]
    ) {
      const { status } = await ask(handler, "POST", "/files/a", fields, "x");
      assertEquals(status, 400);
    }
    assertEquals(await left(scratch.root), [[], 0]);
    const whole = { "upload-complete": "?1" };
    const { status } = await ask(handler, "POST", "/files/a", whole, "x");
    assertEquals(status, 201);
  },
);
