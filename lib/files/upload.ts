/**
 * A directory goes in; out comes a handler that puts the content of requests
 * into its files. How a file is replaced safely it does not know.
 *
 * @module
 */

import { ConnectionLost, HttpError } from "../errors.ts";
import type { RouteHandler } from "../handler.ts";
import type { Directory } from "./directory.ts";

/** Octets on their way from a request to the disk. */
const bufferSize = 256 * 1024;

/**
 * Puts the content of a request, as it is, into the file that the pattern's `*`
 * names, and answers 201 with its `Location` (RFC 9110 §9.3.3). A file of that
 * name is replaced, in one step at the end: whoever reads it sees the old
 * content or the new one, and nothing of an upload that broke off.
 *
 * Directories are not created. However long the content, 256 KiB of memory do.
 *
 * @example
 * ```ts
 * import { Directory, type HandlerInfo, route, upload } from "@sluice/http";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir();
 *
 * const directory = await Directory.open(path);
 * const pattern = new URLPattern({ pathname: "/files/*" });
 * const handler = route([
 *   { method: "POST", pattern, handler: upload(directory) },
 * ]);
 *
 * const info: HandlerInfo = {
 *   remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 50000 },
 *   completed: Promise.resolve(),
 * };
 * const request = new Request("http://localhost/files/hello.txt", {
 *   method: "POST",
 *   body: "Hello",
 * });
 * const response = await handler(request, info);
 * assertEquals(response.status, 201);
 * assertEquals(await Deno.readTextFile(`${path}/hello.txt`), "Hello");
 *
 * await Deno.remove(path, { recursive: true });
 * ```
 *
 * @param directory Where the files go.
 * @returns A handler for `POST`. It rejects as
 * {@linkcode Directory.replaceFile} does, and with an {@linkcode HttpError}:
 * 400 when the content breaks off or is a part of a file, 415 when it has a
 * content coding.
 */
export function upload(directory: Directory): RouteHandler {
  return async (request, _info, match) => {
    refuseIncomplete(request.headers);
    const path = match.pathname.groups["0"] ?? "";
    await directory.replaceFile(path, (file) => store(request.body, file));
    const location = new URL(request.url).pathname;
    return new Response(null, { status: 201, headers: { location } });
  };
}

/** What would not be the file once it is stored as it is. */
function refuseIncomplete(headers: Headers): void {
  // RFC 9110 §14.5: a part must not be taken for the whole.
  if (headers.has("content-range")) {
    throw new HttpError(400, "A part of a file cannot be stored");
  }
  const coding = headers.get("content-encoding")?.toLowerCase() ?? "identity";
  if (coding !== "identity") {
    // RFC 9110 §15.5.16: Accept-Encoding says that it was the coding.
    throw new HttpError(415, "Content with a coding cannot be stored", {
      headers: { "accept-encoding": "identity" },
    });
  }
}

async function store(
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  file: Deno.FsFile,
): Promise<void> {
  if (body === null) return;
  const reader = contentReader(body);
  try {
    for (;;) {
      const octets = await reader.read().catch(rejectContent);
      if (octets === undefined) return;
      await writeAll(file, octets);
    }
  } finally {
    // The rest of the content is the server's to read or refuse.
    reader.releaseLock();
  }
}

interface ContentReader {
  /** Octets that are good until the next read; undefined at the end. */
  read(): Promise<Uint8Array | undefined>;
  releaseLock(): void;
}

function contentReader(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): ContentReader {
  const lender = byteReader(body);
  if (lender === undefined) {
    const reader = body.getReader();
    return {
      read: async () => (await reader.read()).value,
      releaseLock: () => reader.releaseLock(),
    };
  }
  let buffer = new ArrayBuffer(bufferSize);
  return {
    read: async () => {
      const { done, value } = await lender.read(new Uint8Array(buffer));
      if (done) return undefined;
      buffer = value.buffer;
      return value;
    },
    releaseLock: () => lender.releaseLock(),
  };
}

/** Undefined for what is no byte stream: there is no way to ask for that. */
function byteReader(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): ReadableStreamBYOBReader | undefined {
  try {
    return body.getReader({ mode: "byob" });
  } catch {
    return undefined;
  }
}

function rejectContent(cause: unknown): never {
  if (cause instanceof HttpError || cause instanceof ConnectionLost) {
    throw cause;
  }
  throw new HttpError(400, "The content broke off", { cause });
}

/** A write may take a part. */
async function writeAll(file: Deno.FsFile, octets: Uint8Array): Promise<void> {
  let at = 0;
  while (at < octets.length) at += await file.write(octets.subarray(at));
}
