/**
 * Reads the content of a request, and writes it to an open file, unless the
 * request says that it is only a part. It does not know where that file is.
 *
 * @module
 */

import { ConnectionLost, HttpError } from "../errors.ts";
import {
  BufferBudget,
  LARGE_BUFFER,
  TransferBuffer,
} from "../transfer_buffer.ts";

/** The length in octets of the buffer that waits for content. */
const WAITING = 4 * 1024;

/** How much longer the read after a full one is. */
const GROWTH = 4;

/** The buffers of all content on its way to the disk. */
const budget = new BufferBudget(64 * LARGE_BUFFER);

/** Refuses content that would not be the file if stored as it is. */
export function refuseIncomplete(headers: Headers): void {
  // RFC 9110 §14.5: a part must not be taken for the whole.
  if (headers.has("content-range")) {
    throw new HttpError(400, "A part of a file cannot be stored");
  }
  const coding = headers.get("content-encoding")?.toLowerCase() ?? "identity";
  if (coding !== "identity") {
    // RFC 9110 §15.5.16: Accept-Encoding says that the coding is the reason.
    throw new HttpError(415, "Content with a content coding cannot be stored", {
      headers: { "accept-encoding": "identity" },
    });
  }
}

/**
 * Writes content to a file; each piece is valid until the next is requested.
 */
export async function writeContent(
  content: AsyncIterable<Uint8Array>,
  file: Pick<Deno.FsFile, "write">,
): Promise<void> {
  for await (const octets of content) await writeAll(file, octets);
}

/** Writes all octets; one write may take only some. */
export async function writeAll(
  file: Pick<Deno.FsFile, "write">,
  octets: Uint8Array,
): Promise<void> {
  let at = 0;
  while (at < octets.length) at += await file.write(octets.subarray(at));
}

/** The content of a request, read into one buffer that is reused. */
export async function* contentOf(
  { body }: Pick<Request, "body">,
): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  const reader = contentReader(body);
  try {
    for (;;) {
      const octets = await reader.read().catch(rejectContent);
      if (octets === undefined) return;
      yield octets;
    }
  } finally {
    // The server reads or refuses the rest of the content.
    reader.releaseLock();
  }
}

interface ContentReader {
  /** Octets that are valid until the next read; undefined at the end. */
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
  const buffer = new TransferBuffer(budget);
  let next = WAITING;
  return {
    read: async () => {
      buffer.resize(next);
      const { done, value } = await lender.read(new Uint8Array(buffer.octets));
      if (done) return undefined;
      buffer.octets = value.buffer;
      next = lengthAfter(value.length, buffer.length);
      return value;
    },
    releaseLock() {
      lender.releaseLock();
      buffer.release();
    },
  };
}

/** A full buffer suggests that more is coming, a nearly empty one less. */
function lengthAfter(count: number, length: number): number {
  if (count === length) return Math.min(GROWTH * length, LARGE_BUFFER);
  return count <= WAITING ? WAITING : length;
}

/** Undefined if it is not a byte stream; a stream does not tell. */
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
  throw new HttpError(400, "The content ended early", { cause });
}
