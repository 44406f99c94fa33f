/**
 * What is told of a server at work: to a log or to metrics each exchange, once it
 * is over; to an observer all octets as they cross the wire, and what each
 * connection is at.
 *
 * @example Count answers by their status
 * ```ts
 * import { serve } from "@sluice/http";
 * import type { Exchange } from "@sluice/http/observe";
 * import { assertEquals } from "@std/assert";
 *
 * const counts = new Map<number | undefined, number>();
 * const count = ({ status }: Exchange) => {
 *   counts.set(status, (counts.get(status) ?? 0) + 1);
 * };
 *
 * const server = serve(
 *   { port: 0, hostname: "127.0.0.1", onListen() {}, onExchange: count },
 *   () => new Response("Hello"),
 * );
 * await (await fetch(`http://127.0.0.1:${server.addr.port}/`)).text();
 * await server.shutdown();
 * assertEquals([...counts], [[200, 1]]);
 * ```
 *
 * @module
 */

/** One request and its answer, told when it is over. */
export interface Exchange {
  /** Where the client is. */
  remoteAddr: Deno.Addr;
  /** The method; undefined, as are the next five, if it could not be read. */
  method?: string;
  /** The request target as it was sent. */
  requestTarget?: string;
  /** The client's version, such as `HTTP/1.1`. */
  version?: string;
  /** The value of Host. */
  host?: string;
  /** The value of User-Agent. */
  userAgent?: string;
  /** The value of Referer. */
  referer?: string;
  /** The status sent; undefined if the client was gone before an answer. */
  status?: number;
  /** Octets of request content received. */
  received: number;
  /** Octets of response content sent. */
  sent: number;
  /** When the first octet of the request came, in milliseconds since 1970. */
  started: number;
  /** Milliseconds from then until the response was sent. */
  duration: number;
  /** Why the exchange failed, if it did. */
  error?: unknown;
}

/** How far a connection has come, in octets since it began. */
export interface Position {
  /** Octets that were taken as a part of messages, of those that have come. */
  received: number;
  /** Octets of answers that were made ready, of which some may not be sent yet. */
  sent: number;
}

/**
 * What a connection is at. A message begins with `reading head`, and ends with the
 * next of the others but `handling` and `responding`.
 */
export type ConnectionState =
  | "idle"
  | "reading head"
  | "handling"
  | "responding"
  | "draining"
  | "upgraded"
  | "lingering"
  | "closed";

/**
 * Watches one connection. Nothing that it is told may take long; what it throws,
 * or a promise that it returns rejects with, is reported, and changes nothing.
 *
 * What follows the 101 of `Deno.upgradeWebSocket` is not told of, for Deno reads and
 * writes it: there the last move before `closed` is `upgraded`.
 */
export interface ConnectionObserver {
  /**
   * Octets have come. They are overwritten after the call. `position` is as it was
   * before them: what lies between that and these was not taken yet.
   */
  received(octets: Uint8Array, position: Position): void;
  /** Octets are sent. They may be overwritten after the call. */
  sent(octets: Uint8Array): void;
  /** The connection is at something else. */
  moved(state: ConnectionState, position: Position): void;
}

/**
 * Watches the connections of a server, to show or to record what they say.
 *
 * @example Count what comes and goes
 * ```ts
 * import { serve } from "@sluice/http";
 * import type { Observer } from "@sluice/http/observe";
 * import { assert } from "@std/assert";
 *
 * let octets = 0;
 * const observer: Observer = {
 *   connection: () => ({
 *     received: ({ length }) => octets += length,
 *     sent: ({ length }) => octets += length,
 *     moved() {},
 *   }),
 * };
 * await using server = serve(
 *   { port: 0, hostname: "127.0.0.1", onListen() {}, observer },
 *   () => new Response("Hello"),
 * );
 * await (await fetch(`http://127.0.0.1:${server.addr.port}/`)).text();
 * assert(octets > 0);
 * ```
 */
export interface Observer {
  /** A connection has begun; what is returned watches it. */
  connection(client: { remoteAddr: Deno.Addr }): ConnectionObserver;
}
