/**
 * Observes a server at work: logs and metrics get each exchange once it is
 * over; an observer gets all octets as they cross the wire, and the state of
 * each connection.
 *
 * @example Count responses by status
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

/** One request and its response, reported when it is over. */
export interface Exchange {
  /** The address of the client. */
  remoteAddr: Deno.Addr;
  /** The method; undefined, like the next five, if it could not be read. */
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
  /** The status sent; undefined if the client left before a response. */
  status?: number;
  /** Octets of request content received. */
  received: number;
  /** Octets of response content sent. */
  sent: number;
  /**
   * When the first octet of the request arrived, in milliseconds since 1970.
   */
  started: number;
  /** Milliseconds from then until the response was sent. */
  duration: number;
  /** Why the exchange failed, if it did. */
  error?: unknown;
}

/** The progress of a connection, in octets since it began. */
export interface Position {
  /** Received octets that belong to parsed messages. */
  received: number;
  /** Octets of encoded responses, some of which may not be sent yet. */
  sent: number;
}

/**
 * The state of a connection. A message begins with `reading head`, and ends
 * with the next state except `handling` and `responding`.
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
 * Watches one connection. Its methods must return quickly. An error that one
 * throws or rejects with is reported, and changes nothing.
 *
 * It does not see the octets after the 101 of `Deno.upgradeWebSocket`, because
 * Deno reads and writes them: the last state before `closed` is then
 * `upgraded`.
 */
export interface ConnectionObserver {
  /**
   * Called when octets have arrived. They are overwritten after the call.
   * `position` is the one before them; octets between it and these were not
   * taken yet.
   */
  received(octets: Uint8Array, position: Position): void;
  /** Called when octets are sent. They may be overwritten after the call. */
  sent(octets: Uint8Array): void;
  /** Called when the state of the connection changes. */
  moved(state: ConnectionState, position: Position): void;
  /**
   * Called when the client has said that it sends no more (FIN); it may still
   * read. Not called if the connection is lost, or closed here first.
   */
  ended?(): void;
}

/**
 * Watches the connections of a server, to show or record their traffic.
 *
 * @example Count octets in both directions
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
  /** Called when a connection begins; returns its observer. */
  connection(client: { remoteAddr: Deno.Addr }): ConnectionObserver;
}
