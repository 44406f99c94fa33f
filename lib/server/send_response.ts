/**
 * Sends a response that was prepared: its head, then content that keeps to it.
 *
 * @module
 */
import { encodeChunk, encodeLastChunk } from "../wire/chunked_coding.ts";
import type { Outbox } from "./outbox.ts";
import { report, type RequestName } from "./report.ts";
import { trailerLines } from "./trailers.ts";
import type { PreparedResponse } from "./web_response.ts";

/** Counts the octets of content. */
interface Counter {
  sent: number;
}

/**
 * The short way: gathers a response whose content is all here, as the long way
 * below would, without waiting.
 *
 * @returns false if it is not all here; then nothing was done.
 */
export function sendAtOnce(
  { head, body, framing }: PreparedResponse,
  outbox: Outbox,
  counter: Counter,
): boolean {
  const { held } = body;
  if (held === undefined) return false;
  if (framing) {
    if (framing.kind !== "length" || framing.length !== held.length) {
      return false;
    }
    counter.sent = held.length;
  }
  if (framing && typeof held === "string") {
    outbox.gatherText(head + held);
  } else {
    outbox.gatherText(head);
    if (framing) outbox.gather(held as Uint8Array);
  }
  return true;
}

/**
 * Sends a prepared response. Any error leaves it half sent: the connection must
 * be closed.
 */
export async function sendResponse(
  { request, head, body, framing, trailers }: PreparedResponse,
  outbox: Outbox,
  counter: Counter,
  whileWaiting: () => Promise<void>,
): Promise<void> {
  outbox.gatherText(head);
  // What is gathered goes out before more of the body is waited for.
  const next = async () => {
    if (outbox.isFull || !await body.isAtHand()) await whileWaiting();
    return await body.read();
  };
  try {
    if (framing?.kind === "length") {
      await sendExactly(framing.length, next, outbox, counter, request);
    } else if (framing?.kind === "chunked") {
      await sendUntilEnd(encodeChunk, next, outbox, counter);
      outbox.gather(encodeLastChunk(trailerLines(trailers?.(), request)));
    } else if (framing) {
      await sendUntilEnd((content) => [content], next, outbox, counter);
    }
  } finally {
    body.cancel();
    outbox.afterFlush({ complete: () => body.release() });
  }
}

type NextContent = () => Promise<Uint8Array | undefined>;

/** Never more than `length`, which would be taken for the next response. */
async function sendExactly(
  length: number,
  next: NextContent,
  outbox: Outbox,
  counter: Counter,
  request: RequestName | undefined,
): Promise<void> {
  while (counter.sent < length) {
    const left = length - counter.sent;
    const content = await next();
    if (!content) {
      throw new TypeError(
        `Cannot send content: ${left} octets less than its Content-Length`,
      );
    }
    if (content.length > left) {
      const message = "Content longer than its Content-Length";
      report(new TypeError(message), request);
    }
    const fitting = content.subarray(0, left);
    outbox.gather(fitting);
    counter.sent += fitting.length;
  }
}

async function sendUntilEnd(
  encode: (content: Uint8Array) => Uint8Array[],
  next: NextContent,
  outbox: Outbox,
  counter: Counter,
): Promise<void> {
  for (;;) {
    const content = await next();
    if (!content) break;
    encode(content).forEach((piece) => outbox.gather(piece));
    counter.sent += content.length;
  }
}
