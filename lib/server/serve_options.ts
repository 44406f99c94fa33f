/**
 * The options of a server: where to listen, callbacks and limits.
 *
 * @module
 */
import { authorityOf, isEveryAddress } from "../authority.ts";
import type { Exchange } from "../observer.ts";
import type { ConnectHandler } from "../handler.ts";
import type { Limits, Timeouts } from "../limits.ts";
import type { Observer } from "../observer.ts";
import type { ErrorResponse } from "./error_response.ts";
import type { StreamPair } from "./transport.ts";

/** Options that say where to listen. */
export interface ListenOptions {
  /**
   * `"unix"` with a `path`, otherwise `"tcp"`, as in the types of `Deno.serve`.
   * It may be omitted. For any other, such as `"vsock"`, `serve` throws a
   * TypeError.
   */
  transport?: "tcp" | "unix";
  /** The port to listen on; 0 for any free one. Default 8000. */
  port?: number;
  /** The address to listen on. Default `0.0.0.0`: every network. */
  hostname?: string;
  /**
   * The path of a Unix socket to listen on instead of a port. It must not exist,
   * is removed when the server shuts down, and needs `--allow-read` and `--allow-write` for the path, and
   * `--allow-net=unix:/the/path`.
   */
  path?: string;
  /**
   * The certificate chain in PEM, that of the server first; with `key` it turns
   * on TLS 1.2 and 1.3. A handshake is over within `timeouts.head`, or the
   * connection is closed; until then it counts as any other. A client that
   * speaks HTTP in the clear gets a 400 that names the `https` URL. `serve`
   * throws a TypeError if the key does not belong to the certificate, or either
   * cannot be used. `server.setCertificate` takes a renewed one. Default: no
   * TLS.
   */
  cert?: string;
  /** The private key of the first certificate, in PEM and not encrypted. */
  key?: string;
  /** The format of `cert` and `key`: only PEM. */
  keyFormat?: "pem";
  /**
   * Whether other processes may listen on the same port, each for a share of
   * the connections. It needs `--unstable-net`, or `"unstable": ["net"]` in
   * `deno.json`: otherwise Deno ends the process with a message. Default:
   * false.
   */
  reusePort?: boolean;
  /** Connections that the system keeps until they are accepted. Default 511. */
  tcpBacklog?: number;
  /**
   * A source of connections to serve instead of listening: your own listener,
   * such as {@linkcode socketListener} makes of a socket that systemd has
   * opened, or an iterable of stream pairs. When it ends, the server finishes
   * with its last connection. It excludes `path`, `cert` and `key`; the other
   * options for listening have no effect. With a listener of `Deno.listenTls`, a
   * client that never finishes its handshake keeps its socket until it leaves;
   * past `limits.connections` of these no others are accepted.
   */
  listener?: Deno.Listener<Deno.Conn, Deno.Addr> | AsyncIterable<StreamPair>;
  /**
   * Whether each connection from an address begins with a header of the PROXY
   * protocol, version 1 or 2, which names the client. `info.remoteAddr`,
   * `info.peerAddr` and the log have the address in it, and `trustProxy` is asked
   * about that one. One in which the proxy speaks for itself (`LOCAL`) or knows
   * no address changes nothing. Fields are not believed of a client without an
   * address, nor of one that came to the proxy through a Unix socket. A
   * connection without a valid header within `timeouts.head` is closed without
   * an answer. The address of a Unix socket's peer is `unix:`. Default: none does.
   *
   * It is not read in front of a TLS handshake: with `cert` and `key`, `serve`
   * throws a TypeError. Let the proxy speak TLS.
   *
   * @example Behind a proxy on this machine
   * ```ts
   * import { serve } from "@sluice/http";
   * import { assertMatch } from "@std/assert";
   *
   * await using server = serve({
   *   hostname: "127.0.0.1",
   *   port: 0,
   *   proxyProtocol: (hostname) => hostname === "127.0.0.1",
   * }, (_request, { remoteAddr }) => {
   *   const { hostname, port } = remoteAddr as Deno.NetAddr;
   *   return new Response(`${hostname} ${port}`);
   * });
   *
   * const { addr: { port } } = server;
   * using proxy = await Deno.connect({ hostname: "127.0.0.1", port });
   * await proxy.write(new TextEncoder().encode(
   *   "PROXY TCP4 192.0.2.1 192.0.2.9 50000 80\r\n" +
   *     "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
   * ));
   * const answer = await new Response(proxy.readable).text();
   * assertMatch(answer, /\r\n\r\n192\.0\.2\.1 50000$/);
   * ```
   */
  proxyProtocol?: (hostname: string) => boolean;
}

/**
 * Options of {@linkcode serve}. Those of `Deno.serve` have the same meaning.
 *
 * No callback can end the process or harm another connection. Its errors and
 * rejections are logged with the method and path of the request; if it returns
 * something other than a Response, the client gets a 500.
 */
export interface ServeOptions<Addr extends Deno.Addr = Deno.NetAddr>
  extends ListenOptions {
  /**
   * Ends the server at once when it is aborted: requests at work are aborted, and
   * their connections closed. `shutdown()` lets them finish.
   */
  signal?: AbortSignal;
  /**
   * Called once the server listens. If it throws, `serve` closes the port and
   * throws the same error. Default: prints the address.
   */
  onListen?: (addr: Addr) => void;
  /**
   * Answers errors of a handler other than {@linkcode HttpError}. Default: logs
   * the error with the request's method and path, and answers 500 without
   * detail; 400 for the error of `request.json()` if the content is not JSON.
   * It is also called if a body fails; its response is ignored then, because the
   * head is already sent.
   */
  onError?: (error: unknown) => Response | Promise<Response>;
  /**
   * Makes the response for an {@linkcode HttpError} of a handler or of the
   * server itself, such as a 400 or 408 that no handler sees. `accept` is the
   * Accept field, if any. Default: JSON (RFC 9457) for clients that prefer it,
   * a page for browsers, otherwise a line of text.
   */
  errorResponse?: ErrorResponse;
  /**
   * Whether to compress responses for clients that accept brotli or gzip: brotli
   * first, and in chunks, as `Deno.serve` does. `compress` around a handler costs
   * less. Default: the variable `DENO_SERVE_AUTOMATIC_COMPRESSION`, if it may be read
   * and is neither `0` nor `false`; otherwise false.
   */
  automaticCompression?: boolean;
  /**
   * Whether the proxy at an address is trusted. If it is, `info.remoteAddr` and the
   * scheme and host of the request's URL are those that the proxy reports in
   * `Forwarded` (RFC 7239) or, without that, in `X-Forwarded-For`, `-Proto` and
   * `-Host`. The client is the last address of the list that is not trusted. The
   * address of a Unix socket's peer is `unix:`. Default: no proxy is trusted.
   *
   * @example Behind a proxy on this machine
   * ```ts
   * import { serve } from "@sluice/http";
   * import { assertEquals } from "@std/assert";
   *
   * await using server = serve({
   *   hostname: "127.0.0.1",
   *   port: 0,
   *   trustProxy: (hostname) => hostname === "127.0.0.1",
   * }, (request, { remoteAddr }) => {
   *   const { hostname } = remoteAddr as Deno.NetAddr;
   *   return new Response(`${hostname} ${new URL(request.url).origin}`);
   * });
   *
   * const response = await fetch(`http://127.0.0.1:${server.addr.port}/`, {
   *   headers: { forwarded: "for=192.0.2.1;proto=https;host=a.example" },
   * });
   * assertEquals(await response.text(), "192.0.2.1 https://a.example");
   * ```
   */
  trustProxy?: (hostname: string) => boolean;
  /** Answers CONNECT. Default: refuses it with 501. */
  connect?: ConnectHandler;
  /** Called when an exchange is over, for logs and metrics. Default: nothing. */
  onExchange?: (exchange: Exchange) => void;
  /** Sees all octets as they cross the wire. Default: none, at no cost. */
  observer?: Observer;
  /** Sizes and counts that differ from {@linkcode defaultLimits}. */
  limits?: Partial<Limits>;
  /** Durations that differ from {@linkcode defaultTimeouts}. */
  timeouts?: Partial<Timeouts>;
}

/** Unsupported options of `Deno.serve`, and what to do instead. */
const uncarried: Record<string, string> = {
  cid: "vsock is not supported: omit it, or pass a `listener`",
  tunnel: "a tunnel is not supported: omit it",
  certFile: "read the file, and pass its text as `cert`",
  keyFile: "read the file, and pass its text as `key`",
  alpnProtocols: "only HTTP/1.1 is spoken: omit it",
};

/** Throws a TypeError for an option that must not be ignored. */
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

/** The default of `onListen`: as `Deno.serve` tells it, on the standard error. */
export function printerOf({ cert }: ListenOptions): (addr: Deno.Addr) => void {
  const scheme = cert === undefined ? "http" : "https";
  return (addr) => console.error(`Listening on ${whereIs(addr, scheme)}`);
}

function whereIs(addr: Deno.Addr, scheme: string): string {
  if (!("hostname" in addr)) return "path" in addr ? addr.path : "a socket";
  const url = `${scheme}://${authorityOf(addr)}/`;
  return isEveryAddress(addr)
    ? `${url} (${scheme}://localhost:${addr.port}/)`
    : url;
}
