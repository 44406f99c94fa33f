/**
 * What a server may be told: where to listen, whom to tell, what to allow.
 *
 * @module
 */
import type { Exchange } from "../observer.ts";
import type { ConnectHandler } from "../handler.ts";
import type { Limits, Timeouts } from "../limits.ts";
import type { Observer } from "../observer.ts";
import type { ErrorResponse } from "./error_response.ts";
import type { StreamPair } from "./transport.ts";

/** Options that say where to listen. */
export interface ListenOptions {
  /**
   * `"unix"` where there is a `path`, otherwise `"tcp"`, as the types of
   * `Deno.serve` have it. It need not be said. With another, such as `"vsock"`,
   * `serve` throws a TypeError.
   */
  transport?: "tcp" | "unix";
  /** The port to listen on; 0 for any that is free. Default 8000. */
  port?: number;
  /** The address to listen on. Default `0.0.0.0`: every network there is. */
  hostname?: string;
  /**
   * The path of a Unix socket to listen on instead of a port. It must not exist,
   * is removed when the server shuts down, and needs `--allow-read` and `--allow-write` for the path, and
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
  /** The format of `cert` and `key`: PEM, and no other. */
  keyFormat?: "pem";
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
  /**
   * Ends the server at once when it is aborted: requests at work are aborted, and
   * their connections closed. `shutdown()` lets them finish.
   */
  signal?: AbortSignal;
  /**
   * Called once the server listens at an address. What it throws, `serve` throws,
   * after it has closed the port. Default: print it.
   */
  onListen?: (addr: Addr) => void;
  /**
   * Answers what a handler throws, other than an {@linkcode HttpError}.
   * Default: log it with the request's method and path, and answer 500 without
   * any detail; 400 to what `request.json()` throws at content that is no JSON.
   * It is told of a body that fails, too; what it returns then goes nowhere, for
   * the head of the response is out.
   */
  onError?: (error: unknown) => Response | Promise<Response>;
  /**
   * Makes the response for an {@linkcode HttpError}: the handler's, and the
   * server's own, such as a 400 or 408 that no handler ever sees. `accept` is
   * the Accept field, if there was one. Default: JSON (RFC 9457) for a client
   * that prefers it, a page for a browser, else a line of text.
   */
  errorResponse?: ErrorResponse;
  /**
   * Whether to compress what can be, for clients that accept brotli or gzip: with
   * brotli first, and in chunks, as `Deno.serve` does. `compress` around a handler
   * costs less. Default: what `DENO_SERVE_AUTOMATIC_COMPRESSION` says, if it may be
   * read and is neither `0` nor `false`; otherwise false.
   */
  automaticCompression?: boolean;
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

/** Options of `Deno.serve` that can't be carried out, and what to do instead. */
const uncarried: Record<string, string> = {
  cid: "vsock is not served: leave it out, or pass a `listener`",
  tunnel: "a tunnel is not served: leave it out",
  certFile: "read the file, and pass its text as `cert`",
  keyFile: "read the file, and pass its text as `key`",
  alpnProtocols: "HTTP/1.1 alone is spoken: leave it out",
};

/** Throws a TypeError for an option that would be ignored, and should not be. */
export function refuseUncarried(options: ListenOptions): void {
  for (const name in uncarried) {
    if (!options[name as keyof ListenOptions]) continue;
    throw new TypeError(`Cannot serve with ${name}: ${uncarried[name]}`);
  }
  const { transport, path, keyFormat = "pem" } = options;
  const isKnown = transport === undefined || transport === "tcp" ||
    transport === "unix";
  if (!isKnown) {
    throw new TypeError(
      `Cannot serve over ${transport}: it is TCP, or a Unix socket with \`path\``,
    );
  }
  if (transport === "unix" && path === undefined) {
    throw new TypeError("Cannot serve over a Unix socket: name its `path`");
  }
  if (keyFormat !== "pem") {
    throw new TypeError("Cannot serve TLS: `cert` and `key` must be in PEM");
  }
}
