/**
 * Takes an exchange apart as a whole: what only its answer and its end show
 * about the request, such as content that is too short, or a method that the
 * server does not know; and that the octets after 101 are of another protocol.
 *
 * @module
 */

import { decodeLatin1 } from "../wire/grammar.ts";
import { dissect } from "./dissection.ts";
import type { Part } from "./message_parts.ts";
import { mark } from "./refusal.ts";

/** The octets of an exchange, and whether more may come. */
export interface Octets {
  request: { octets: Uint8Array; length: number };
  response: { octets: Uint8Array };
  isOver: boolean;
  /** Whether the client ended its side in the midst of it. */
  isCut: boolean;
}

/** Dissects both directions of an exchange. */
export function dissectExchange(
  { request, response, isOver, isCut }: Octets,
): { request: Part[]; response: Part[] } {
  const asked = dissect(request.octets, "request");
  const answered = dissect(response.octets, "response");
  const status = finalStatus(answered, response.octets);
  if (status === 101) {
    for (const part of asked) {
      if (part.kind === "beyond") part.kind = "upgraded";
    }
  }
  if (isOver && !asked.some(({ kind }) => kind === "wrong")) {
    const message = {
      parts: asked,
      text: decodeLatin1(request.octets),
      isWhole: request.length === request.octets.length,
    };
    if (isCut || status === undefined) markTooShort(message);
    markOutcome(message, status);
  }
  return { request: asked, response: answered };
}

function finalStatus(
  parts: readonly Part[],
  octets: Uint8Array,
): number | undefined {
  const last = parts.findLast(({ kind }) => kind === "status");
  return last && Number(decodeLatin1(octets, last.from, last.to));
}

/** A request that has ended, and all of whose octets are here if it is whole. */
interface Message {
  parts: Part[];
  text: string;
  isWhole: boolean;
}

/** Marks what explains the status, unless nothing in the request does. */
function markOutcome(message: Message, status: number | undefined): void {
  if (status === undefined) return;
  if (status === 405 || status === 501) markMethod(message, status);
  const reason = reasons[status];
  const culprit = reason && culpritOf(message.parts, reason.part);
  if (culprit) mark([culprit], reason.flaw);
}

/** For each status, the part that it is about, and what is wrong with it. */
const reasons: Record<number, { part: string; flaw: string }> = {
  413: {
    part: "content-length",
    flaw: "The content is larger than this server accepts (RFC 9110 §15.5.14)",
  },
  414: {
    part: "target",
    flaw: "The target is longer than this server accepts (RFC 9110 §15.5.15)",
  },
  417: {
    part: "expect",
    flaw: "The server knows only 100-continue (RFC 9110 §10.1.1)",
  },
  421: {
    part: "host",
    flaw: "This server does not answer for that host (RFC 9110 §15.5.20)",
  },
};

/** The part of that kind, or the value of the field of that name. */
function culpritOf(parts: readonly Part[], sought: string): Part | undefined {
  return parts.find(({ kind, note }) =>
    kind === sought || kind === "field-value" && note === sought
  );
}

/** The methods that a lower-case one is mistaken for. */
const METHODS = /^(?:get|head|post|put|delete|options|patch)$/i;

function markMethod({ parts, text }: Message, status: number): void {
  const part = parts.find(({ kind }) => kind === "method");
  if (!part) return;
  const method = text.slice(part.from, part.to);
  const isInOtherCase = METHODS.test(method) && method !== method.toUpperCase();
  if (isInOtherCase) {
    mark(
      [part],
      "A method is case-sensitive: write it in capital letters (RFC 9110 §9.1)",
    );
  } else if (status === 405) {
    mark(
      [part],
      "This resource does not support this method (RFC 9110 §15.5.6)",
    );
  } else mark([part], "The server does not know this method (RFC 9110 §9.1)");
}

/** Marks where the client stopped before its message was complete. */
function markTooShort({ parts, text, isWhole }: Message): void {
  const last = parts.at(-1);
  if (!isWhole || !last || last.kind === "more") return;
  const end = parts.findIndex(({ kind }) => kind === "section-end");
  if (end < 0) {
    mark([last], "The request ended within its head (RFC 9112 §8)");
    return;
  }
  const length = parts.find(({ kind, note }) =>
    kind === "field-value" && note === "content-length"
  );
  if (length) {
    const announced = Number(text.slice(length.from, length.to));
    const content = parts.find(({ kind }) => kind === "content");
    const arrived = content ? content.to - content.from : 0;
    if (arrived >= announced) return;
    mark(
      [length, content ?? parts[end]],
      `Content-Length says ${announced}, but only ${arrived} came (RFC 9112 §8)`,
    );
  } else if (isCutInChunks(parts, text)) {
    mark([last], "The content ended before its last chunk (RFC 9112 §8)");
  }
}

/** Whether chunks have begun, or should have, and have not ended. */
function isCutInChunks(parts: readonly Part[], text: string): boolean {
  const isChunked = parts.some(({ kind, note, from, to }) =>
    kind === "field-value" && note === "transfer-encoding" &&
    /chunked$/i.test(text.slice(from, to))
  );
  const ends = parts.filter(({ kind }) => kind === "section-end").length;
  return isChunked && ends < 2;
}
