/**
 * What a server may be told: where to listen, whom to tell, what to allow.
 *
 * @module
 */
import type { Exchange } from "../exchange.ts";
import type { ConnectHandler } from "../handler.ts";
import type { Limits, Timeouts } from "../limits.ts";
import type { Observer } from "../observer.ts";
import type { ErrorResponse } from "./error_response.ts";
import type { StreamPair } from "./transport.ts";

/** Options that say where to listen. */
export interface ListenOptions {
  /** The port to listen on; 0 for any that is free. Default 8000. */
  port?: number;
  /** The address to listen on. Default `0.0.0.0`: every network there is. */
  hostname?: string;
  /**
   * The path of a Unix socket to listen on instead of a port. It must not exist,
   * and needs `--allow-read` and `--allow-write` for the path, and
   * `--allow-net=unix:/the/path`.
   */
  path?: string;
  /**
   * The certificate chain in PEM, and with `key` the wish to speak TLS. A client
   * that has not shaken hands after `timeouts.head` is not served any more, but
   * its socket stays until it leaves; past `limits.connections` of these no others
   * are accepted, nor past half of the descriptors once these have run out. On a
   * hostile network put a proxy in front. Default: no TLS.
   */
  cert?: string;
  /** The private key of `cert`, in PEM. */
  key?: string;
  /**
   * Whether other processes may listen on the same port, each for a share of the
   * connections. It needs `--unstable-net`, or `"unstable": ["net"]` in
   * `deno.json`: without, Deno says so and ends the process. Default: false.
   */
  reusePort?: boolean;
  /** Connections that the system keeps until they are accepted. Default 511. */
  tcpBacklog?: number;
  /**
   * Whose connections to serve instead of listening: a listener of your own, such
   * as one that another process has handed over, or anything that brings pairs of
   * streams. When it ends, the server finishes with its last connection. It
   * takes no `path`, `cert` and `key`; the other options that say where to listen
   * mean nothing then.
   */
  listener?: Deno.Listener<Deno.Conn, Deno.Addr> | AsyncIterable<StreamPair>;
}

/**
 * Options of {@linkcode serve}. Those that `Deno.serve` has too mean the same.
 *
 * No callback can end the process or harm another connection: what one throws, or
 * a promise that it returns rejects with, is logged with the method and path of
 * the request; in place of what is no Response, the client gets a 500.
 */
export interface ServeOptions<Addr extends Deno.Addr = Deno.NetAddr>
  extends ListenOptions {
  /** Shuts the server down when it is aborted. */
  signal?: AbortSignal;
  /**
   * Called once the server listens at an address. What it throws, `serve` throws,
   * after it has closed the port. Default: print it.
   */
  onListen?: (addr: Addr) => void;
  /**
   * Answers what a handler throws, other than an {@linkcode HttpError}.
   * Default: log it with the request's method and path, and answer 500 without
   * any detail.
   */
  onError?: (error: unknown) => Response | Promise<Response>;
  /**
   * Makes the response for an {@linkcode HttpError}: the handler's, and the
   * server's own, such as a 400 or 408 that no handler ever sees. `accept` is
   * the Accept field, if there was one. Default: JSON (RFC 9457) for a client
   * that prefers it, a page for a browser, else a line of text.
   */
  errorResponse?: ErrorResponse;
  /** Answers CONNECT. Default: it is refused with 501. */
  connect?: ConnectHandler;
  /** Called when an exchange is over, for logs and metrics. Default: nothing. */
  onExchange?: (exchange: Exchange) => void;
  /** Sees all octets as they cross the wire. Default: nobody, at no cost. */
  observer?: Observer;
  /** Sizes and counts that differ from {@linkcode defaultLimits}. */
  limits?: Partial<Limits>;
  /** Durations that differ from {@linkcode defaultTimeouts}. */
  timeouts?: Partial<Timeouts>;
}
