/**
 * Refuses requests whose head asks for what no handler can give.
 *
 * In: a head. Out: an HttpError, or nothing. It reads no content.
 *
 * @module
 */
import { HttpError, ProtocolError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import type { RequestHead } from "../wire/request_head.ts";

/** Throws an HttpError for requests that no handler should have to check. */
export function refuseUnmet(head: RequestHead, limits: Limits): void {
  // RFC 9110 §10.1.1.
  if (head.expectsOther) {
    throw new HttpError(417, "The only supported expectation is 100-continue");
  }
  // Octets that one party takes for content, and another for frames.
  if (isForWebSocket(head) && head.framing.kind !== "none") {
    throw new ProtocolError(
      400,
      "A request for a WebSocket must have no content (RFC 6455 §4.1)",
    );
  }
  // RFC 9110 §15.5.14, before the content is read, where its length is told.
  const { framing } = head;
  if (framing.kind === "length" && framing.length > limits.content) {
    throw new HttpError(
      413,
      `The content is larger than ${limits.content} octets (limits.content)`,
    );
  }
}

/** Whether it may become a WebSocket: a read would be in the way of that. */
export function isForWebSocket({ upgrade }: RequestHead): boolean {
  return upgrade.length > 0 && upgrade.includes("websocket");
}
