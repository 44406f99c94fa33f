/**
 * A running server as its user sees it: its address, its connections, and how it
 * shuts down.
 *
 * @module
 */

import type { CertificatePair } from "./secure_listener.ts";

/** Options of `shutdown`. */
export interface ShutdownOptions {
  /**
   * Milliseconds until remaining connections are closed; `Infinity` for never.
   * Default `timeouts.shutdown`.
   */
  deadline?: number;
  /**
   * Milliseconds during which new connections and requests are still served, with
   * `Connection: close`, before the deadline starts: time for load balancers to send
   * requests elsewhere. Default 0.
   */
  delay?: number;
}

/** Numbers of connections. */
export interface ConnectionCounts {
  /** All of them. */
  open: number;
  /** Those that wait for a request. */
  idle: number;
  /** Those with a running handler or an upgraded protocol. */
  active: number;
}

/** A running server, with the interface of `Deno.HttpServer`. */
export interface HttpServer<Addr extends Deno.Addr = Deno.NetAddr>
  extends AsyncDisposable {
  /**
   * The address it listens on, with the real port even if 0 was requested.
   * Throws a TypeError if `listener` provides streams, which have no address.
   */
  readonly addr: Addr;
  /** Resolves when the server has shut down. */
  readonly finished: Promise<void>;
  /**
   * Goes on serving for `delay`, then stops accepting, finishes running requests
   * with `Connection: close`, even if their clients have left, and closes remaining connections after
   * `timeouts.shutdown`, or after `deadline`. A later call can only shorten that.
   * Throws a RangeError for an invalid deadline or delay.
   */
  shutdown(options?: ShutdownOptions): Promise<void>;
  /**
   * Takes another certificate, such as a renewed one, for connections that begin
   * from now on; those that are open go on. Throws a TypeError if the key does
   * not belong to the certificate, if either cannot be used, or if the server
   * has none: then nothing changes.
   *
   * @example At SIGHUP
   * ```ts ignore
   * import { serve } from "@sluice/http";
   *
   * const read = () => ({
   *   cert: Deno.readTextFileSync("fullchain.pem"),
   *   key: Deno.readTextFileSync("privkey.pem"),
   * });
   * const server = serve({ port: 8443, ...read() }, () => new Response("Hi"));
   * Deno.addSignalListener("SIGHUP", () => {
   *   try {
   *     server.setCertificate(read());
   *   } catch (error) {
   *     console.error(error);
   *   }
   * });
   * ```
   */
  setCertificate(pair: CertificatePair): void;
  /** The current numbers of connections. */
  readonly connections: ConnectionCounts;
  /** Lets the server keep the process alive, which it does by default. */
  ref(): void;
  /** Lets the process end although the server listens and has connections. */
  unref(): void;
}
