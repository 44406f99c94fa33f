/**
 * The wire alone: octets in, and what `lib/wire/` finds in them.
 *
 * @module
 */
import { ProtocolError } from "../../lib/errors.ts";
import { resolveLimits } from "../../lib/limits.ts";
import { ByteReader } from "../../lib/wire/byte_reader.ts";
import { decodeLatin1 } from "../../lib/wire/grammar.ts";
import { openContent } from "../../lib/wire/request_content.ts";
import { readRequestHead } from "../../lib/wire/request_head.ts";
import { streamOf } from "./arrivals.ts";
import { narrowLimits } from "./narrow_limits.ts";

const limits = resolveLimits(narrowLimits);

/** Reads on, also after a message that asks to close. One line for each. */
export async function readMessages(arrivals: string[]): Promise<string[]> {
  const reader = new ByteReader(streamOf(arrivals));
  const told: string[] = [];
  try {
    while (await reader.awaitMessage()) told.push(await readMessage(reader));
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    told.push(`refused: ${error.status}`);
  }
  return told;
}

async function readMessage(reader: ByteReader): Promise<string> {
  const head = await readRequestHead(reader, limits);
  const framing = head.framing;
  const content = openContent(framing, reader, limits);
  let octets = "";
  for (let some; (some = await content.read(65_536));) {
    octets += decodeLatin1(some);
  }
  if (content.received !== octets.length || !content.ended) {
    throw new Error("The content's count is not its length");
  }
  const { method, rawTarget, minorVersion, fields } = head;
  return JSON.stringify([
    [method, rawTarget, minorVersion, fields.lines, framing],
    [octets, content.trailers?.lines, head.mayPersist],
  ]);
}
