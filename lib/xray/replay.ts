/**
 * Runs the server's own head parser on each beginning of a request, as if the
 * connection had paused after every octet, and tells what the parser knows
 * then. It parses nothing itself, so it cannot disagree with the server.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { MOST_EMPTY_LINES } from "./dissection.ts";
import { CR, LF } from "../wire/grammar.ts";
import {
  HeadParser,
  type RequestHead,
  type RequestLine,
} from "../wire/request_head.ts";

/**
 * The longest beginning that is parsed. Each is parsed from its first octet, so
 * the time grows with the square of their number: this one takes milliseconds.
 */
const MOST_PREFIXES = 1024;

/** What the parser has come to after a number of octets. */
export interface ReplayStep {
  /**
   * `empty line` before the request, `request line`, `fields`, `complete` or
   * `refused`.
   */
  state: string;
  /** Octets of the head that the parser has taken for good. */
  taken: number;
}

/** The parser's way through a head, octet by octet. */
export interface Replay {
  /** One for each octet, in order; the last one may be before the head ends. */
  steps: ReplayStep[];
  /** What the request line was found to be, once it had ended. */
  line?: { method: string; target: string; form: string; version: string };
  /** What was decided when the head was complete. */
  decided?: Decided;
  /** Why it was refused. */
  refused?: { status: number; reason: string };
  /** Octets that were left out because the head is so long. */
  left: number;
}

/** What the server knows about the exchange from the head alone. */
export interface Decided {
  host?: string;
  framing: string;
  length?: number;
  mayPersist: boolean;
  expectsContinue: boolean;
  upgrade: readonly string[];
}

/** Replays the head that octets begin with; what follows it is left alone. */
export function replayHead(octets: Uint8Array, limits: Limits): Replay {
  const start = startOf(octets);
  const end = Math.min(octets.length, start + MOST_PREFIXES);
  const replay: Replay = { steps: [], left: 0 };
  for (let at = 0; at < start; at++) {
    replay.steps.push({ state: "empty line", taken: at + 1 });
  }
  for (let to = start + 1; to <= end; to++) {
    const step = parsePrefix(octets.subarray(start, to), limits, replay);
    replay.steps.push({ ...step, taken: start + step.taken });
    if (step.state === "complete" || step.state === "refused") return replay;
  }
  replay.left = octets.length - end;
  return replay;
}

/** RFC 9112 §2.2: where the request begins, after empty lines. */
function startOf(octets: Uint8Array): number {
  let start = 0;
  while (
    octets[start] === CR && octets[start + 1] === LF &&
    start < 2 * MOST_EMPTY_LINES
  ) start += 2;
  return start;
}

function parsePrefix(
  prefix: Uint8Array,
  limits: Limits,
  replay: Replay,
): ReplayStep {
  const parser = new HeadParser(limits);
  try {
    const head = parser.parse(prefix, 0, prefix.length);
    if (head) {
      replay.decided = decidedBy(head);
      return { state: "complete", taken: parser.taken };
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const { status, message } = error;
    replay.refused = { status, reason: message };
    return { state: "refused", taken: parser.taken };
  }
  if (parser.line) replay.line ??= lineOf(parser.line);
  const state = parser.line ? "fields" : "request line";
  return { state, taken: parser.taken };
}

function lineOf({ method, rawTarget, target, minorVersion }: RequestLine) {
  const version = `HTTP/1.${minorVersion}`;
  return { method, target: rawTarget, form: target.form, version };
}

function decidedBy(
  { host, framing, mayPersist, expectsContinue, upgrade }: RequestHead,
): Decided {
  return {
    host,
    framing: framing.kind,
    length: framing.kind === "length" ? framing.length : undefined,
    mayPersist,
    expectsContinue,
    upgrade,
  };
}
