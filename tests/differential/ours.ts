/**
 * What `lib/wire/` says of the octets of a connection.
 *
 * @module
 */
import { ProtocolError } from "../../lib/errors.ts";
import { resolveLimits } from "../../lib/limits.ts";
import { ByteReader } from "../../lib/wire/byte_reader.ts";
import { decodeLatin1 } from "../../lib/wire/grammar.ts";
import { openContent } from "../../lib/wire/request_content.ts";
import { readRequestHead } from "../../lib/wire/request_head.ts";
import { streamOf } from "../fuzz/arrivals.ts";
import type { Message, Verdict } from "./verdict.ts";

const limits = resolveLimits();

/** Our opinion, and where in the octets each message began. */
export interface OurVerdict extends Verdict {
  starts: number[];
}

/** Reads until something is refused, or a message asks to close. */
export async function askOurs(octets: string): Promise<OurVerdict> {
  const reader = new ByteReader(streamOf([octets]));
  const verdict: OurVerdict = { messages: [], starts: [] };
  try {
    while (!verdict.closes && await reader.awaitMessage()) {
      verdict.starts.push(reader.received - reader.buffered);
      const [message, persists] = await readMessage(reader);
      verdict.messages.push(message);
      verdict.closes = !persists;
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    verdict.refusal = error.message;
  }
  return verdict;
}

async function readMessage(reader: ByteReader): Promise<[Message, boolean]> {
  const head = await readRequestHead(reader, limits);
  const content = openContent(head.framing, reader, limits);
  let octets = "";
  for (let some; (some = await content.read(65_536));) {
    octets += decodeLatin1(some);
  }
  const message = {
    method: head.method,
    target: head.rawTarget,
    minorVersion: head.minorVersion,
    fields: [...head.fields.lines],
    content: octets,
  };
  return [message, head.mayPersist];
}
