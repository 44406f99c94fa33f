/**
 * What an observer is: told of all octets as they cross the wire, and of what
 * each connection is at.
 *
 * @module
 */

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
 * import { type Observer, serve } from "@sluice/http";
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
