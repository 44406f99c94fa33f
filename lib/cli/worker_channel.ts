/**
 * What a worker and the process that started it say to each other: messages to
 * the worker are lines of JSON on its standard input; what comes from it, on its
 * standard output, are lines of the log and between them messages, whose lines
 * begin with NUL. No line of the log has one: a log escapes what clients send.
 *
 * Both ends of both ways are here. It does not know what a message is for.
 *
 * @module
 */

import { concat } from "@std/bytes/concat";
import type { CertificatePair } from "../server/secure_listener.ts";

/** To a worker. The first one is `start`. */
export type Order =
  | {
    type: "start";
    /** 0 for any free one. */
    port: number;
    /** Which one of how many it is, counted from 0. */
    place: number;
    count: number;
    /** With TLS: only the process that starts it reads the files. */
    certificate?: CertificatePair;
  }
  /** Take another certificate for connections to come. */
  | { type: "renew"; certificate: CertificatePair }
  /** Stop, after it has served on for `delay` ms. */
  | { type: "drain"; delay: number }
  | { type: "scrape" };

/** From a worker. */
export type Report =
  | { type: "ready"; addr: Deno.NetAddr; writeAdvice?: string }
  /** It cannot serve: what to tell, and the exit code. */
  | { type: "failed"; message: string; exitCode: number }
  /** A load balancer has asked whether it is ready. */
  | { type: "watched" }
  | { type: "metrics"; text: string };

/** Octets of a line of either kind; the longest has all metrics. */
const MOST = 8 * 1024 * 1024;

const NUL = 0x00;
const LF = 0x0a;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The line of an order. */
export function encodeOrder(order: Order): Uint8Array<ArrayBuffer> {
  return encoder.encode(`${JSON.stringify(order)}\n`);
}

/** The orders that come in, until the other end is gone. */
export async function* decodeOrders(
  octets: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Order> {
  for await (const lines of wholeLines(octets)) {
    for (const line of decoder.decode(lines).trimEnd().split("\n")) {
      yield JSON.parse(line);
    }
  }
}

/** The line of a report. */
export function encodeReport(report: Report): Uint8Array<ArrayBuffer> {
  return encoder.encode(`\0${JSON.stringify(report)}\n`);
}

/** The reports, and lines of the log as they come: whole, one or more at once. */
export async function* decodeReports(
  octets: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Report | Uint8Array<ArrayBuffer>> {
  for await (let lines of wholeLines(octets)) {
    for (let at; (at = lines.indexOf(NUL)) >= 0;) {
      if (at > 0) yield lines.subarray(0, at);
      const end = lines.indexOf(LF, at);
      yield JSON.parse(decoder.decode(lines.subarray(at + 1, end)));
      lines = lines.subarray(end + 1);
    }
    if (lines.length > 0) yield lines;
  }
}

/** The same octets in pieces that end with a line; an unfinished one is dropped. */
async function* wholeLines(
  octets: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let rest: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const piece of octets) {
    const end = piece.lastIndexOf(LF) + 1;
    if (end > 0) {
      const head = piece.subarray(0, end);
      yield rest.length > 0 ? concat([...rest, head]) : head;
      rest = [];
      length = 0;
    }
    if (end === piece.length) continue;
    rest.push(piece.subarray(end));
    length += piece.length - end;
    if (length > MOST) {
      throw new RangeError("Cannot read a line: it is too long");
    }
  }
}
