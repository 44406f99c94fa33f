/** Content as a file: whole under its name, or nothing of it anywhere. */

import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { ConnectionLost, HttpError } from "../../lib/errors.ts";
import { upload } from "../../lib/files/upload.ts";
import {
  ask,
  makeScratch,
  namesIn,
  noDisk as ignore,
  serving,
} from "./scratch.ts";

type Source = UnderlyingDefaultSource<Uint8Array<ArrayBuffer>>;

/** A body that gives some chunks and then fails, or ends without an error. */
function body(chunks: Uint8Array<ArrayBuffer>[], error?: unknown): Source {
  const rest = [...chunks];
  return {
    pull(controller) {
      const chunk = rest.shift();
      if (chunk) controller.enqueue(chunk);
      else if (error === undefined) controller.close();
      else controller.error(error);
    },
  };
}

/** The same as a byte stream. */
function byteBody(chunks: Uint8Array<ArrayBuffer>[], error?: unknown) {
  const source = body(chunks, error);
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      await source.pull!(
        controller as unknown as ReadableStreamDefaultController,
      );
      // A close does not answer a lent buffer.
      controller.byobRequest?.respond(0);
    },
  });
}

const post = (body?: BodyInit) => ({ method: "POST", body });
const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("what is posted becomes a file", { ignore }, async () => {
  await using scratch = await makeScratch();
  const handler = await serving(upload, scratch.root);
  await Deno.mkdir(`${scratch.root}/sub`);
  for (const content of ["new", "", "a".repeat(1_000_000), "replaced"]) {
    for (const path of ["a.txt", "sub/b%20c?query"]) {
      const response = await ask(handler, path, post(content));
      assertEquals(response.status, 201);
      assertEquals(
        response.headers.get("location"),
        `/files/${path.replace("?query", "")}`,
      );
      assertEquals(response.body, null);
    }
    for (const path of ["a.txt", "sub/b c"]) {
      const stored = await Deno.readTextFile(`${scratch.root}/${path}`);
      assertEquals(stored, content);
    }
  }
  assertEquals(await namesIn(scratch.root), ["a.txt", "sub"]);
  assertEquals(await namesIn(`${scratch.root}/sub`), ["b c"]);
});

Deno.test("no content is an empty file", { ignore }, async () => {
  await using scratch = await makeScratch();
  const handler = await serving(upload, scratch.root);
  assertEquals((await ask(handler, "a", post())).status, 201);
  assertEquals(await Deno.readTextFile(`${scratch.root}/a`), "");
});

Deno.test("octets arrive as they were, from both kinds of stream", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await serving(upload, scratch.root);
  const chunks = [1, 300_000, 7, 262_144, 262_145].map((length, chunk) =>
    Uint8Array.from({ length }, (_, i) => (i + chunk) % 251)
  );
  const whole = await new Blob(chunks).bytes();
  const copies = () => chunks.map((chunk) => chunk.slice());
  for (
    const stream of [byteBody(copies()), new ReadableStream(body(copies()))]
  ) {
    await ask(handler, "a", post(stream));
    assertEquals(await Deno.readFile(`${scratch.root}/a`), whole);
  }
});

for (
  const [name, failure, status] of [
    ["an abort", new DOMException("Aborted", "AbortError"), 400],
    ["a network error", new TypeError("error reading a body"), 400],
    ["an HttpError", new HttpError(413, "Too large"), undefined],
    ["a lost connection", new ConnectionLost("Gone"), undefined],
  ] as [string, Error, number | undefined][]
) {
  Deno.test(`content that ends with ${name} changes nothing`, {
    ignore,
  }, async () => {
    await using scratch = await makeScratch();
    await Deno.writeTextFile(`${scratch.root}/a`, "old");
    const handler = await serving(upload, scratch.root);
    const large = () => [bytes("new"), new Uint8Array(500_000)];
    for (const path of ["a", "b"]) {
      for (
        const stream of [
          new ReadableStream(body(large(), failure)),
          byteBody(large(), failure),
          new ReadableStream(body([], failure)),
        ]
      ) {
        const error = await assertRejects(
          () => ask(handler, path, post(stream)),
          Error,
        );
        if (status === undefined) assertStrictEquals(error, failure);
        else {
          assert(error instanceof HttpError);
          assertEquals(error.status, status);
        }
      }
    }
    assertEquals(await namesIn(scratch.root), ["a"]);
    assertEquals(await Deno.readTextFile(`${scratch.root}/a`), "old");
  });
}

Deno.test("a place that takes no file leaves the content unread", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await Deno.mkdir(`${scratch.root}/sub`);
  await Deno.writeTextFile(`${scratch.root}/a`, "old");
  const handler = await serving(upload, scratch.root);
  for (
    const [path, status, headers] of [
      ["sub", 409, {}],
      ["a/b", 409, {}],
      ["", 400, {}],
      [".hidden", 403, {}],
      ["..%2fa", 400, {}],
      ["a", 400, { "content-range": "bytes 0-2/10" }],
      ["a", 415, { "content-encoding": "gzip" }],
    ] as [string, number, HeadersInit][]
  ) {
    let isRead = false;
    const stream = new ReadableStream({
      pull() {
        isRead = true;
      },
    }, { highWaterMark: 0 });
    const error = await assertRejects(
      () => ask(handler, path, { ...post(stream), headers }),
      HttpError,
    );
    assertEquals(error.status, status, path);
    assertEquals(isRead, false);
  }
  assertEquals(await namesIn(scratch.root), ["a", "sub"]);
  assertEquals(await Deno.readTextFile(`${scratch.root}/a`), "old");
});

Deno.test("of uploads to one name at once one stays, whole", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await serving(upload, scratch.root);
  const uploads = Array.from({ length: 20 }, (_, i) => {
    const chunks = Array.from(
      { length: 10 },
      () => new Uint8Array(20_000).fill(i),
    );
    return ask(handler, "a", post(new ReadableStream(body(chunks))));
  });
  for (const { status } of await Promise.all(uploads)) {
    assertEquals(status, 201);
  }
  const stored = await Deno.readFile(`${scratch.root}/a`);
  assertEquals(stored, new Uint8Array(200_000).fill(stored[0]));
  assertEquals(await namesIn(scratch.root), ["a"]);
});

Deno.test("while an upload runs its name shows the old file", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const path = `${scratch.root}/a`;
  await Deno.writeTextFile(path, "old");
  const handler = await serving(upload, scratch.root);
  const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>>();
  const uploading = ask(handler, "a", post(readable));
  const writer = writable.getWriter();
  await writer.write(bytes("n"));
  assertEquals(await Deno.readTextFile(path), "old");
  await writer.write(bytes("ew"));
  assertEquals(await Deno.readTextFile(path), "old");
  await writer.close();
  await uploading;
  assertEquals(await Deno.readTextFile(path), "new");
});
