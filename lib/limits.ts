/**
 * How much a client may send and how long it may take: every limit and timeout,
 * with its unit, its default, what starts it and what follows. All limits are
 * inclusive.
 *
 * @module
 */

/** Sizes and counts. Each is a whole number; `Infinity` lifts the limit. */
export interface Limits {
  /** Octets of the request line (RFC 9112 §3). Default 8192; past it 414. */
  requestLine: number;
  /**
   * Octets of a header or trailer section, line ends included (RFC 9110 §5.4).
   * Default 32768; past it 431.
   */
  fieldSection: number;
  /** Field lines of a section. Default 128; past it 431. */
  fieldCount: number;
  /**
   * Octets of a chunk's size and extensions (RFC 9112 §7.1.1). Default 256;
   * past it 400. Extensions that exceed the content by more than `fieldSection`
   * octets in total are also answered with 400.
   */
  chunkLine: number;
  /** Octets of request content. Default 10485760 (10 MiB); past it 413. */
  content: number;
  /**
   * Octets of request content that no handler has read and that has not arrived
   * when the answer begins: as many are awaited and discarded, to keep the
   * connection. Default 0, as with `Deno.serve`; past it the connection is
   * closed.
   */
  discarded: number;
  /**
   * Octets of the buffers for request content and for the byte streams of
   * bodies, of all connections together. Default 33554432 (32 MiB); past it a
   * transfer continues more slowly, with a buffer of 8 KiB. Buffers of 8 KiB
   * and less, one for each transfer, are not counted.
   */
  buffered: number;
  /** Requests per connection. Default `Infinity`; the last answer says close. */
  requests: number;
  /**
   * Connections at once. Default 1024. Past it, one is closed to make room for
   * a new one; the first that exists of:
   *
   * 1. the longest idle one, or one that was answered but has yet to send the
   *    rest of its request or to close;
   * 2. the slowest unfinished head;
   * 3. the longest running one whose client has sent FIN and may be gone;
   * 4. the slowest request content; 408;
   * 5. the slowest reader of a response.
   *
   * A connection younger than half a second without any octet is not closed:
   * its client has had no time to send a request. The new one waits then.
   *
   * Numbers 4 and 5 apply only to transfers of less than 16 KiB for each second
   * of waiting for the client, over at least 10 s. A faster transfer, and a
   * handler that does not wait for a client, is never closed: then the new
   * connection waits.
   *
   * If the system's file descriptors run out first, an eighth of the
   * connections, but at least 16, is closed in the same order, to leave some
   * for files. For at least a minute, the number of remaining connections is
   * the limit. The standard error reports this once.
   */
  connections: number;
  /**
   * Connections of one client at once. Default `Infinity`. One more gets a 429
   * before it has asked anything, and is closed. A client is an IPv4 address, or
   * the /64 of an IPv6 address; connections of proxies (`trustProxy`,
   * `proxyProtocol`) and over Unix sockets are not limited.
   */
  clientConnections: number;
  /**
   * Requests per second of one client, of which a second's number may come at
   * once. Default `Infinity`; past it 429, and the connection goes on. A client
   * is one as above, also behind a trusted proxy; requests for which that names
   * no client are not limited. Clients that have been silent for a second are
   * forgotten; so are those silent for the longest when more than 32,768 are
   * remembered.
   */
  clientRate: number;
}

/** Durations in milliseconds, and one rate. `Infinity` lifts a timeout. */
export interface Timeouts {
  /**
   * From accept, or the end of a response, to the first octet of a request.
   * Default 65000, to outlive the 60 s of a proxy in front; then close.
   */
  idle: number;
  /**
   * From the first octet of a head to its end. Default 30000; then 408. It also
   * limits a TLS handshake, from accept on; then close.
   */
  head: number;
  /** Each wait for request content. Default 30000; then 408. */
  content: number;
  /**
   * Octets per second: the minimum average rate of a head or of request
   * content, after 10 s of waiting for it. Default 128; below it 408.
   */
  rate: number;
  /** Each partial write of a response, and its FIN. Default 30000; then close. */
  write: number;
  /**
   * Each pause of a response to a client that has sent FIN, which may be
   * waiting or gone. Default 5000; then close. Before the response begins, a
   * client of HTTP/1.1 is sent 100 Continue instead, from 0.3 s after its FIN
   * on: a reset shows that it is gone; otherwise the server keeps waiting.
   */
  halfClosed: number;
  /**
   * From `shutdown()` to the closing of all remaining connections. Default
   * 10000.
   */
  shutdown: number;
}

/** The default of each of the {@linkcode Limits}. */
export const defaultLimits: Readonly<Limits> = {
  requestLine: 8192,
  fieldSection: 32_768,
  fieldCount: 128,
  chunkLine: 256,
  content: 10 * 1024 * 1024,
  discarded: 0,
  buffered: 32 * 1024 * 1024,
  requests: Infinity,
  connections: 1024,
  clientConnections: Infinity,
  clientRate: Infinity,
};

/** The default of each of the {@linkcode Timeouts}. */
export const defaultTimeouts: Readonly<Timeouts> = {
  idle: 65_000,
  head: 30_000,
  content: 30_000,
  rate: 128,
  write: 30_000,
  halfClosed: 5000,
  shutdown: 10_000,
};

/** Fills in the defaults; throws a RangeError for an invalid limit. */
export function resolveLimits(given: Partial<Limits> = {}): Limits {
  const limits = merge(defaultLimits, given, "limits");
  const zero = neverZero.find((name) => limits[name] === 0);
  if (zero) {
    throw new RangeError(`Cannot use limits.${zero}: 0 would serve nobody`);
  }
  return limits;
}

const neverZero = [
  "connections",
  "requests",
  "clientConnections",
  "clientRate",
] as const;

/** Fills in the defaults; throws a RangeError for an invalid timeout. */
export function resolveTimeouts(given: Partial<Timeouts> = {}): Timeouts {
  return merge(defaultTimeouts, given, "timeouts");
}

/** Whether it is a whole number, from 0 to `Infinity`. */
export function isLimit(value: unknown): boolean {
  return typeof value === "number" && value >= 0 &&
    (Number.isSafeInteger(value) || value === Infinity);
}

/** Throws a RangeError that names the option, unless its value is a limit. */
export function requireLimit(name: string, value: unknown): void {
  if (isLimit(value)) return;
  throw new RangeError(`Cannot use ${name}: got ${value}, not a whole number`);
}

function merge<T extends object>(
  defaults: Readonly<T>,
  given: Partial<T>,
  label: string,
): T {
  const merged = { ...defaults };
  for (const name in given) {
    const value = given[name];
    if (value === undefined) continue;
    if (!Object.hasOwn(defaults, name)) {
      const known = Object.keys(defaults).join(", ");
      throw new RangeError(`Cannot use ${label}.${name}: known are ${known}`);
    }
    requireLimit(`${label}.${name}`, value);
    Object.assign(merged, { [name]: value });
  }
  return merged;
}
