/**
 * RFC 9530: digests as fields, and of octets; and what the digest of a large file
 * costs, which is told by how often the file is read.
 */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ConnectionLost, HttpError } from "../../lib/errors.ts";
import {
  DigestHasher,
  encodeDigests,
  parseDigests,
  verifyDigests,
  wantedDigest,
} from "../../lib/files/digests.ts";
import { Directory } from "../../lib/files/directory.ts";
import { download } from "../../lib/files/download.ts";
import { ResumableUploads } from "../../lib/files/resumable_upload.ts";
import { serveDir } from "../../lib/files/serve_dir.ts";
import type { RouteHandler } from "../../lib/handler.ts";
import { serve } from "../../lib/server/serve.ts";
import { localInfo } from "../support/local_info.ts";
import { countCalls, type CountedCalls } from "./counted_calls.ts";
import { announced, assertOffset, receiving } from "./resumable.ts";
import {
  ask,
  makeScratch,
  noDisk as ignore,
  serving,
  until,
} from "./scratch.ts";

// RFC 9530 appendix B: {"hello": "world"} and a newline
const sha256 = "RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=";
const sha512 = "YMAam51Jz/jOATT6/zvHrLVgOYTGFy1d6GJiOHTohq4yP+pgk4vf2aCs" +
  "yRZOtw8MjkM7iw7yZ/WkppmM44T3qg==";
const octets = new TextEncoder().encode('{"hello": "world"}\n');

Deno.test("RFC 9530 appendix B: the digests of octets, in pieces", async () => {
  const hasher = await DigestHasher.create(["sha-256", "sha-512"]);
  for (const octet of octets) hasher.update(Uint8Array.of(octet));
  const digests = hasher.digests();
  assertEquals([...digests], [["sha-256", sha256], ["sha-512", sha512]]);
  assertEquals(hasher.digests(), digests);
  assertEquals(
    encodeDigests(digests),
    `sha-256=:${sha256}:, sha-512=:${sha512}:`,
  );
});

for (
  const [field, expected] of [
    [null, []],
    ["", []],
    [`sha-256=:${sha256}:`, [["sha-256", sha256]]],
    [`sha-256=:${sha256.slice(0, -1)}:`, [["sha-256", sha256]]],
    [
      `sha-512=:${sha512}: ,\tsha-256=:${sha256}:`,
      [["sha-512", sha512], ["sha-256", sha256]],
    ],
    [`md5=:AAAA:, sha-256=:${sha256}:;a=1; b`, [["sha-256", sha256]]],
    [`sha-256=:AAAA:, sha-256=:${sha256}:`, [["sha-256", sha256]]],
    ["md5=:AAAA:", []],
  ] as [string | null, string[][]][]
) {
  Deno.test(`RFC 9530 §2: ${field}`, () => {
    assertEquals([...parseDigests(field)], expected);
  });
}

for (
  const field of [
    sha256,
    `sha-256=${sha256}`,
    `sha-256=:${sha256}`,
    "sha-256=:AAAA:",
    "sha-256=::",
    "sha-256=1",
    "sha-256",
    `sha-256=:${sha256}:,`,
    `,sha-256=:${sha256}:`,
    `SHA-256=:${sha256}:`,
    `sha-256=:${sha256}: sha-512=:${sha512}:`,
    "sha-256=:!!!!:",
  ]
) {
  Deno.test(`RFC 9530 §2: ${field} is refused`, () => {
    const error = assertThrows(() => parseDigests(field), HttpError);
    assertEquals(error.status, 400);
  });
}

for (
  const [field, expected] of [
    [null, undefined],
    ["sha-256=1", "sha-256"],
    ["sha-256=3, sha-512=10", "sha-512"],
    ["sha-512=5, sha-256=5", "sha-256"],
    ["sha-256=0, sha-512=1", "sha-512"],
    ["sha-256=0", undefined],
    ["sha-256=11", undefined],
    ["sha-256=-1", undefined],
    ["md5=10", undefined],
    ["sha-256", undefined],
    ["nonsense!", undefined],
  ] as const
) {
  Deno.test(`RFC 9530 §4: Want-Repr-Digest: ${field}`, () => {
    assertEquals(wantedDigest(field), expected);
  });
}

Deno.test("RFC 9530 §2: what differs is refused", () => {
  const actual = new Map([["sha-256", sha256]] as const);
  verifyDigests(new Map(), actual, "Repr-Digest");
  verifyDigests(actual, actual, "Repr-Digest");
  const other = new Map([["sha-256", "x"]] as const);
  const error = assertThrows(
    () => verifyDigests(other, actual, "Repr-Digest"),
    HttpError,
    "Repr-Digest",
  );
  assertEquals(error.status, 400);
});

const MiB = 2 ** 20;
const wanted = { "want-repr-digest": "sha-256=1" };

/** A file of zeros that takes no room, and was left alone for long. */
async function makeLarge(path: string, size: number): Promise<void> {
  await Deno.writeFile(path, new Uint8Array(0));
  await Deno.truncate(path, size);
  await Deno.utime(path, 1e9, 1e9);
}

async function digestOfZeros(size: number): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(size));
  return `sha-256=:${new Uint8Array(digest).toBase64()}:`;
}

/** The reads of files, which wait until they may go on. */
class SlowReads implements Disposable {
  #reads: CountedCalls;
  #hold = Promise.withResolvers<void>();
  /** Files that are being read now, and the most that were at once. */
  #now = 0;
  most = 0;

  constructor() {
    const { read } = Deno.FsFile.prototype;
    // deno-lint-ignore no-this-alias -- the method below has a `this` of its own
    const reads = this;
    Deno.FsFile.prototype.read = async function (buffer) {
      reads.most = Math.max(reads.most, ++reads.#now);
      await reads.#hold.promise;
      try {
        return await read.call(this, buffer);
      } finally {
        reads.#now--;
      }
    };
    this.#reads = countCalls(Deno.FsFile.prototype, "read");
    this.#restore = () => {
      this.#reads[Symbol.dispose]();
      Deno.FsFile.prototype.read = read;
    };
  }

  #restore: () => void;

  get count(): number {
    return this.#reads.count;
  }

  /** Lets all go on, these and those to come. */
  go(): void {
    this.#hold.resolve();
  }

  [Symbol.dispose](): void {
    this.#restore();
  }
}

function head(
  handler: RouteHandler,
  name: string,
  init: RequestInit = {},
): Promise<Response> {
  const headers = { ...wanted, ...init.headers };
  return ask(handler, name, { method: "HEAD", ...init, headers });
}

Deno.test("a digest is computed once for each version of a file", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const file = `${scratch.root}/a`;
  await makeLarge(file, MiB);
  const handler = await serving(download, scratch.root);
  const cost = async (size: number, field = "sha-256=1") => {
    using reads = countCalls(Deno.FsFile.prototype, "read");
    const headers = { "want-repr-digest": field };
    const response = await head(handler, "a", { headers });
    assertEquals(response.status, 200);
    if (field === "sha-256=1") {
      const digest = response.headers.get("repr-digest");
      assertEquals(digest, await digestOfZeros(size));
    }
    return reads.count;
  };
  // What changed a moment ago may do so again within a tick of its clock.
  assertEquals(await cost(MiB), 4);
  assertEquals(await cost(MiB), 4);
  await using later = clockAhead(3000);
  assertEquals(await cost(MiB), 4);
  assertEquals(await cost(MiB), 0);
  assertEquals(await cost(MiB, "sha-512=1"), 4);
  await makeLarge(file, 2 * MiB);
  later.move(3000);
  assertEquals(await cost(2 * MiB), 8);
  assertEquals(await cost(2 * MiB), 0);
});

Deno.test("of a thousand digests the one not asked for longest goes", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const size = 2 ** 16 + 1;
  const names = Array.from({ length: 1001 }, (_, at) => `${at}`);
  for (const name of names) await makeLarge(`${scratch.root}/${name}`, size);
  const handler = await serving(download, scratch.root);
  await using _later = clockAhead(3000);
  using reads = countCalls(Deno.FsFile.prototype, "read");
  for (const name of names.slice(0, 1000)) await head(handler, name);
  await head(handler, "0");
  await head(handler, "1000");
  assertEquals(reads.count, 1001);
  await head(handler, "0");
  assertEquals(reads.count, 1001);
  await head(handler, "1");
  assertEquals(reads.count, 1002);
});

/** Makes it later than it is. */
function clockAhead(milliseconds: number) {
  const { now } = Date;
  let ahead = milliseconds;
  Date.now = () => now() + ahead;
  return {
    move: (more: number) => ahead += more,
    [Symbol.asyncDispose]: () => {
      Date.now = now;
      return Promise.resolve();
    },
  };
}

for (
  const [status, method, fields] of [
    [304, "HEAD", { "if-modified-since": "Mon, 01 Jan 2024 00:00:00 GMT" }],
    [304, "GET", { "if-modified-since": "Mon, 01 Jan 2024 00:00:00 GMT" }],
    [412, "HEAD", { "if-match": '"another"' }],
    [412, "GET", { "if-match": '"another"' }],
    [416, "GET", { range: `bytes=${MiB}-` }],
  ] as [number, string, Record<string, string>][]
) {
  Deno.test(`${status} to ${method} takes no digest`, { ignore }, async () => {
    await using scratch = await makeScratch();
    await makeLarge(`${scratch.root}/a`, MiB);
    for (
      const [handler, path] of [
        [await serving(download, scratch.root), "a"],
        [await serving(serveDir, scratch.root), "../a"],
      ] as const
    ) {
      using reads = countCalls(Deno.FsFile.prototype, "read");
      const answer = head(handler, path, { method, headers: fields });
      if (status === 304) assertEquals((await answer).status, 304);
      else {
        const error = await assertRejects(() => answer, HttpError);
        assertEquals(error.status, status);
      }
      assertEquals(reads.count, 0);
    }
  });
}

Deno.test("a part comes with the digest of the whole", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await makeLarge(`${scratch.root}/a`, MiB);
  const handler = await serving(download, scratch.root);
  const response = await head(handler, "a", {
    method: "GET",
    headers: { range: "bytes=1-2" },
  });
  assertEquals(response.status, 206);
  const digest = response.headers.get("repr-digest");
  assertEquals(digest, await digestOfZeros(MiB));
  assertEquals(await response.bytes(), new Uint8Array(2));
});

Deno.test("those that ask at once share one computation", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await makeLarge(`${scratch.root}/a`, MiB);
  const handler = await serving(download, scratch.root);
  using reads = new SlowReads();
  const answers = Array.from({ length: 10 }, () => head(handler, "a"));
  reads.go();
  const expected = await digestOfZeros(MiB);
  for (const { headers } of await Promise.all(answers)) {
    assertEquals(headers.get("repr-digest"), expected);
  }
  assertEquals(reads.count, 4);
});

Deno.test("it ends between two reads when all have left", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await makeLarge(`${scratch.root}/a`, 1024 * MiB);
  const handler = await serving(download, scratch.root);
  using reads = new SlowReads();
  const clients = Array.from({ length: 3 }, () => new AbortController());
  const answers = clients.map(({ signal }) => head(handler, "a", { signal }));
  await until(() => reads.count > 0);
  for (const client of clients) client.abort();
  reads.go();
  for (const answer of answers) {
    assertEquals((await answer).headers.get("repr-digest"), null);
  }
  // The files are closed: the test would leak them else.
  assertEquals(reads.count, 1);
  const { signal } = clients[0];
  const late = await head(handler, "a", { signal });
  assertEquals(late.headers.get("repr-digest"), null);
  assertEquals(reads.count, 1);
});

Deno.test("it goes on when the first has left, and not all", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await makeLarge(`${scratch.root}/a`, MiB);
  const handler = await serving(download, scratch.root);
  using reads = new SlowReads();
  const client = new AbortController();
  const first = head(handler, "a", { signal: client.signal });
  const second = head(handler, "a");
  client.abort();
  // Its file is not closed while it is read.
  await new Promise((resolve) => setTimeout(resolve));
  reads.go();
  assertEquals((await first).headers.get("repr-digest"), null);
  const digest = (await second).headers.get("repr-digest");
  assertEquals(digest, await digestOfZeros(MiB));
  assertEquals(reads.count, 4);
});

Deno.test("two are computed at once, and none for one that left the queue", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const names = ["a", "b", "c", "d", "e"];
  for (const name of names) await makeLarge(`${scratch.root}/${name}`, MiB);
  const handler = await serving(download, scratch.root);
  using reads = new SlowReads();
  const client = new AbortController();
  const over: string[] = [];
  const answers = names.map(async (name) => {
    const signal = name === "c" ? client.signal : undefined;
    const response = await head(handler, name, { signal });
    over.push(name);
    return response.headers.get("repr-digest");
  });
  await until(() => reads.count >= 2);
  client.abort();
  await answers[2];
  assertEquals(over, ["c"]);
  reads.go();
  const expected = await digestOfZeros(MiB);
  assertEquals(
    await Promise.all(answers),
    names.map((name) => name === "c" ? null : expected),
  );
  assertEquals(reads.most, 2);
  assertEquals(reads.count, 16);
});

Deno.test("others are answered between two reads", { ignore }, async () => {
  await using scratch = await makeScratch();
  await makeLarge(`${scratch.root}/a`, 64 * MiB);
  await Deno.writeTextFile(`${scratch.root}/small`, "small");
  const handler = await serving(download, scratch.root);
  using reads = countCalls(Deno.FsFile.prototype, "read");
  const large = head(handler, "a").then(() => reads.count);
  const small = await ask(handler, "small");
  assertEquals(await small.text(), "small");
  assert(reads.count < 10, `${reads.count} reads before`);
  assertEquals(await large, 256);
});

for (
  const [change, act] of [
    ["grows", (path: string) => Deno.truncate(path, 2 * MiB)],
    ["is cut", (path: string) => Deno.truncate(path, MiB / 2)],
    ["is changed", (path: string) => Deno.utime(path, 1e9 + 1, 1e9 + 1)],
  ] as const
) {
  Deno.test(`a file that ${change} meanwhile has no digest`, {
    ignore,
  }, async () => {
    await using scratch = await makeScratch();
    await makeLarge(`${scratch.root}/a`, MiB);
    const handler = await serving(download, scratch.root);
    using reads = new SlowReads();
    const answer = head(handler, "a");
    await until(() => reads.count > 0);
    await act(`${scratch.root}/a`);
    reads.go();
    const { status, headers } = await answer;
    assertEquals([status, headers.get("repr-digest")], [200, null]);
  });
}

const mayListen =
  (await Deno.permissions.query({ name: "net" })).state === "granted";

Deno.test("it ends when the client is gone", {
  ignore: ignore || !mayListen,
}, async () => {
  await using scratch = await makeScratch();
  await makeLarge(`${scratch.root}/a`, 1024 * MiB);
  const handler = serveDir(await Directory.open(scratch.root));
  using reads = new SlowReads();
  const gone = Promise.withResolvers<void>();
  await using server = serve({
    port: 0,
    hostname: "127.0.0.1",
    // As long is one waited for that has sent FIN and may be gone.
    timeouts: { halfClosed: 1000 },
    onListen() {},
  }, (request, info) => {
    request.signal.addEventListener("abort", () => gone.resolve());
    return handler(request, info);
  });
  const conn = await Deno.connect({ port: server.addr.port });
  const head = "HEAD /a HTTP/1.1\r\nHost: localhost\r\n" +
    "Want-Repr-Digest: sha-256=1\r\n\r\n";
  await conn.write(new TextEncoder().encode(head));
  await until(() => reads.count === 1);
  conn.close();
  await gone.promise;
  reads.go();
  await server.shutdown();
  assertEquals(reads.count, 1);
});

Deno.test("an upload is verified only while its client is there", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const directory = await Directory.open(scratch.root);
  const handler = receiving(directory, new ResumableUploads(directory));
  const client = new AbortController();
  using reads = new SlowReads();
  let location = "";
  const size = 2 * MiB;
  const request = new Request("http://localhost/files/a", {
    method: "PUT",
    signal: client.signal,
    headers: {
      "upload-complete": "?1",
      "repr-digest": await digestOfZeros(size),
      ...announced,
    },
    body: new Uint8Array(size),
  });
  const answer = (async () => {
    return await handler(request, {
      ...localInfo,
      sendInformational: (_status, headers) => {
        location = new Headers(headers).get("location")!;
        return Promise.resolve();
      },
    });
  })();
  await until(() => reads.count === 1);
  client.abort();
  reads.go();
  await assertRejects(() => answer, ConnectionLost);
  assertEquals(reads.count, 1);
  // It is all here, and its client can still say that it is complete.
  await assertOffset(handler, location, size);
  const last = await handler(
    new Request(`http://localhost${location}`, {
      method: "PATCH",
      headers: {
        "content-type": "application/partial-upload",
        "upload-offset": `${size}`,
        "upload-complete": "?1",
      },
    }),
    localInfo,
  );
  assertEquals(last.status, 201);
});
