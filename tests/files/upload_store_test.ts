/**
 * What stays of a resumable upload that fails: nothing where its client can't go
 * on with it, and else what it can go on from, and is told.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { serve } from "../../lib/server/serve.ts";
import { countCalls } from "./counted_calls.ts";
import {
  announced,
  ask,
  assertOffset,
  begin,
  broken,
  type Fields,
  more,
  open,
} from "./resumable.ts";
import { makeScratch, namesIn, noDisk as ignore, until } from "./scratch.ts";

const whole = { "upload-complete": "?1" };
const part = { "upload-complete": "?0" };
const wrong = `sha-256=:${btoa("\0".repeat(32))}:`;

/** The uploads of which something is here. */
async function uploadsIn(root: string): Promise<string[]> {
  return await namesIn(`${root}/.sluice-uploads`).catch(() => []);
}

const refused: {
  what: string;
  fields: Fields;
  body?: BodyInit | (() => ReadableStream);
  status: number;
}[] = [
  { what: "more than may be", fields: part, body: "x".repeat(9), status: 413 },
  {
    what: "more than may be, as its length says",
    fields: { ...part, "upload-length": 9 },
    status: 413,
  },
  {
    what: "more than its length",
    fields: { ...whole, "upload-length": 2 },
    body: "xxx",
    status: 400,
  },
  {
    what: "another digest of the whole",
    fields: { ...whole, "repr-digest": wrong },
    body: "xxx",
    status: 400,
  },
  {
    what: "a file where there must be none",
    fields: { ...whole, "if-none-match": "*" },
    // It arrives while the content does.
    body: () => whileItArrives((root) => Deno.writeTextFile(`${root}/a`, "")),
    status: 412,
  },
  {
    what: "a directory in the way",
    fields: whole,
    body: () => whileItArrives((root) => Deno.mkdir(`${root}/a`)),
    status: 409,
  },
];

let rootOfTest = "";

function whileItArrives(
  act: (root: string) => Promise<unknown>,
): ReadableStream {
  return new ReadableStream({
    async pull(controller) {
      await act(rootOfTest);
      controller.enqueue(new TextEncoder().encode("x"));
      controller.close();
    },
  }, { highWaterMark: 0 });
}

for (const { what, fields, body, status } of refused) {
  for (const knows of [true, false]) {
    Deno.test(
      `${what}: nothing stays, ${knows ? "with" : "without"} a 104`,
      { ignore },
      async () => {
        await using scratch = await makeScratch();
        rootOfTest = scratch.root;
        const handler = await open(scratch.root, { maxSize: 8 });
        const response = await ask(
          handler,
          "PUT",
          "/files/a",
          { ...fields, ...knows && announced },
          typeof body === "function" ? body() : body,
        );
        assertEquals(response.status, status);
        assertEquals(await uploadsIn(scratch.root), []);
      },
    );
  }
}

for (
  const [what, fields, status] of [
    ["more than may be", { ...more(4, "?0"), "content-length": 9 }, 413],
    [
      "a length past what may be",
      { ...more(4, "?0"), "upload-length": 9 },
      413,
    ],
    ["more than its length", more(4, "?0"), 400],
  ] as [string, Fields, number][]
) {
  Deno.test(`PATCH with ${what}: nothing stays`, { ignore }, async () => {
    await using scratch = await makeScratch();
    const handler = await open(scratch.root, { maxSize: 8 });
    const length: Fields = status === 400 ? { "upload-length": 6 } : {};
    const path = await begin(handler, "0123", length);
    const response = await ask(handler, "PATCH", path, fields, "456");
    assertEquals(response.status, status);
    if (status === 413) {
      const limit = response.headers.get("upload-limit");
      assertEquals(limit, "max-size=8, max-age=86400");
    }
    assertEquals(await uploadsIn(scratch.root), []);
    assertEquals((await ask(handler, "HEAD", path)).status, 404);
  });
}

for (
  const [what, fields] of [
    ["breaks off", {}],
    ["has another digest", { "content-digest": wrong }],
    ["ends too early", { "upload-length": 8, "upload-complete": "?1" }],
  ] as [string, Fields][]
) {
  Deno.test(`content that ${what} stays only for one who got the 104`, {
    ignore,
  }, async () => {
    await using scratch = await makeScratch();
    const handler = await open(scratch.root);
    const put = async (more: Fields) =>
      await ask(
        handler,
        "PUT",
        "/files/a",
        { ...part, ...fields, ...more },
        what === "breaks off" ? broken("012") : "012",
      );
    assertEquals((await put({})).status, 400);
    assertEquals(await uploadsIn(scratch.root), []);
    const { status, interim } = await put(announced);
    assertEquals(status, 400);
    const path = interim[0].headers.get("location")!;
    await assertOffset(handler, path, what === "has another digest" ? 0 : 3);
  });
}

Deno.test("what is malformed begins nothing", { ignore }, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  for (const name of ["content-digest", "repr-digest"]) {
    const fields = { ...part, ...announced, [name]: "sha-256=1" };
    const { status, interim } = await ask(
      handler,
      "PUT",
      "/files/a",
      fields,
      "x",
    );
    assertEquals([status, interim], [400, []]);
    assertEquals(await uploadsIn(scratch.root), []);
  }
});

class NoSpace extends Error {
  code = "ENOSPC";
}

/** A disk that takes so many more octets. */
function fillDisk(octets: number): Disposable {
  let left = octets;
  return countCalls(Deno.FsFile.prototype, "write", (written) => {
    left -= (written as Uint8Array).length;
    if (left < 0) throw new NoSpace("No space left on device");
  });
}

/** Pieces of content, each asked for when the last is written. */
function inPieces(...texts: string[]): ReadableStream {
  const pieces = texts.map((text) => new TextEncoder().encode(text));
  return new ReadableStream({
    pull(controller) {
      const piece = pieces.shift();
      if (piece) controller.enqueue(piece);
      else controller.close();
    },
  }, { highWaterMark: 0 });
}

Deno.test(
  "a full disk gets its room back, and the client is told what is here",
  {
    ignore,
  },
  async () => {
    await using scratch = await makeScratch();
    const handler = await open(scratch.root);
    const path = await begin(handler, "0123");
    {
      using _full = fillDisk(2);
      const body = inPieces("45", "67");
      const response = await ask(handler, "PATCH", path, more(4, "?1"), body);
      assertEquals(response.status, 507);
      assertEquals(response.headers.get("upload-offset"), "4");
      assertEquals(response.headers.get("upload-complete"), "?0");
      assertMatch(await response.text(), /: 4 octets are kept$/);
    }
    const folder = `${scratch.root}/.sluice-uploads`;
    const token = path.split("/").at(-1);
    assertEquals((await Deno.stat(`${folder}/${token}.part`)).size, 4);
    await assertOffset(handler, path, 4);
    const last = await ask(handler, "PATCH", path, more(4, "?1"), "4567");
    assertEquals(last.status, 201);
    assertEquals(await Deno.readTextFile(`${scratch.root}/a.txt`), "01234567");
  },
);

Deno.test("a full disk keeps nothing of what nobody knows the place of", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  const put = async (fields: Fields) => {
    using _full = fillDisk(2);
    const body = inPieces("01", "23");
    return await ask(handler, "PUT", "/files/a", { ...part, ...fields }, body);
  };
  const plain = await put({});
  assertEquals(plain.status, 507);
  assertEquals(plain.headers.get("upload-offset"), null);
  assertEquals(await uploadsIn(scratch.root), []);
  const { status, headers, interim } = await put(announced);
  const location = interim[0].headers.get("location")!;
  assertEquals(status, 507);
  assertEquals(headers.get("location"), location);
  assertEquals(headers.get("upload-offset"), "0");
  await assertOffset(handler, location, 0);
});

Deno.test("a disk that is full for the record keeps nothing", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  {
    using _full = countCalls(Deno, "writeTextFile", () => {
      throw new NoSpace("No space left on device");
    });
    const response = await ask(handler, "PUT", "/files/a", part, "x");
    assertEquals(response.status, 507);
    assertEquals(await uploadsIn(scratch.root), []);
  }
});

Deno.test("what is a file is told as one, though there is no room to say so", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  const path = await begin(handler, "0123");
  {
    using _full = countCalls(Deno, "writeTextFile", () => {
      throw new NoSpace("No space left on device");
    });
    const last = await ask(handler, "PATCH", path, more(4, "?1"), "4");
    assertEquals(last.status, 201);
  }
  assertEquals(await Deno.readTextFile(`${scratch.root}/a.txt`), "01234");
  assertEquals(await uploadsIn(scratch.root), []);
});

Deno.test("one who never gets the place of an upload leaves nothing", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  const gone = Promise.reject(new Error("The client is gone"));
  gone.catch(() => {});
  const request = (fields: Record<string, string>) =>
    new Request("http://localhost/files/a", {
      method: "PUT",
      headers: { ...part, ...fields },
      body: "x",
    });
  const remoteAddr = { transport: "tcp", hostname: "::1", port: 1 } as const;
  const info = { remoteAddr, completed: gone };
  assertEquals((await handler(request({}), info)).status, 201);
  // It goes after the answer.
  await until(async () => (await uploadsIn(scratch.root)).length === 0);
  const told = { ...info, sendInformational: () => Promise.resolve() };
  assertEquals((await handler(request(announced), told)).status, 201);
  assertEquals((await uploadsIn(scratch.root)).length, 2);
});

const mayListen =
  (await Deno.permissions.query({ name: "net" })).state === "granted";

Deno.test("a client that breaks off before it knows the place leaves nothing", {
  ignore: ignore || !mayListen,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  let ended = Promise.withResolvers<void>();
  await using server = serve(
    {
      port: 0,
      hostname: "127.0.0.1",
      onListen() {},
      onError() {
        return new Response(null, { status: 500 });
      },
    },
    async (request, info) => {
      try {
        return await handler(request, info);
      } finally {
        ended.resolve();
      }
    },
  );
  for (const announce of [false, true]) {
    ended = Promise.withResolvers();
    const conn = await Deno.connect({ port: server.addr.port });
    const lines = [
      "PUT /files/a HTTP/1.1",
      "Host: localhost",
      "Upload-Complete: ?1",
      "Content-Length: 10",
      ...announce ? ["Upload-Draft-Interop-Version: 8"] : [],
    ];
    const text = `${lines.join("\r\n")}\r\n\r\n012`;
    await conn.write(new TextEncoder().encode(text));
    if (announce) await conn.read(new Uint8Array(1024));
    else await until(async () => (await uploadsIn(scratch.root)).length === 2);
    conn.close();
    await ended.promise;
    assertEquals((await uploadsIn(scratch.root)).length, announce ? 2 : 0);
  }
});
