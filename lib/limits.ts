/**
 * How much a client may send and how long it may take: every limit and timeout
 * that can be set, with its unit, its default, what starts it and what follows.
 * All limits are inclusive.
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
   * past it 400. So are, all in all, `fieldSection` octets of extensions more
   * than there is content.
   */
  chunkLine: number;
  /** Octets of request content. Default 10485760 (10 MiB); past it 413. */
  content: number;
  /**
   * Octets of unread request content that are read and dropped after an answer,
   * to keep the connection. Default 65536; past it the connection is closed.
   */
  discarded: number;
  /**
   * Octets of the buffers, of all connections together, that content is read
   * into and the byte streams of bodies are. Default 33554432 (32 MiB); past it
   * a transfer goes on with a buffer of 8 KiB, and slower. Those of 8 KiB and
   * less, one for each transfer, are not counted.
   */
  buffered: number;
  /** Requests per connection. Default `Infinity`; the last answer says close. */
  requests: number;
  /**
   * Connections at once. Default 1024. Past it one is closed to make room for a
   * new one; the first of these that there is:
   *
   * 1. the one that has been idle longest, or was answered and has yet to send
   *    the rest of its request or to close;
   * 2. the slowest unfinished head;
   * 3. the longest at work for a client that has sent FIN and may be gone;
   * 4. the slowest request content; 408;
   * 5. the client that takes its response slowest.
   *
   * A connection of less than half a second, on which no octet has come, is not
   * among them: its client has had no time to ask. The new one waits then.
   *
   * Numbers 4 and 5 only if they move less than 16 KiB a second of waiting for the
   * client, over 10 s at least. A faster transfer, and a handler that waits for
   * no client, are never given up: then the new connection waits.
   *
   * Where the system's file descriptors run out first, an eighth of the
   * connections, 16 at least, is closed in the same order, so that there are
   * some for files; for a minute or more, no more than are left count as the
   * limit. The standard error says so, once.
   */
  connections: number;
}

/** Durations in milliseconds, and one rate. `Infinity` lifts a timeout. */
export interface Timeouts {
  /**
   * From accept, or from a response sent, to the first octet of a request.
   * Default 65000, to outlive the 60 s of a proxy in front; then close.
   */
  idle: number;
  /**
   * From the first octet of a head to its end. Default 30000; then 408. As long
   * may a TLS handshake take; then close.
   */
  head: number;
  /** Each wait for request content. Default 30000; then 408. */
  content: number;
  /**
   * Octets per second: the least average of a head or of request content, once
   * it has been waited for through 10 s. Default 128; below it 408.
   */
  rate: number;
  /** Each partial write of a response, and its FIN. Default 30000; then close. */
  write: number;
  /**
   * Each pause of a response to a client that has sent FIN, which may wait for it
   * or be gone. Default 5000; then close. Before the response begins a client of
   * HTTP/1.1 is sent 100 Continue instead, from 0.3 s after its FIN on: where that
   * draws a reset it is gone, and otherwise it is waited for.
   */
  halfClosed: number;
  /**
   * From `shutdown()` to the closing of what still runs. Default 10000.
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
  discarded: 64 * 1024,
  buffered: 32 * 1024 * 1024,
  requests: Infinity,
  connections: 1024,
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

/** Fills in the defaults; throws a RangeError for what is no limit. */
export function resolveLimits(given: Partial<Limits> = {}): Limits {
  const limits = merge(defaultLimits, given, "limits");
  const { connections, requests } = limits;
  if (connections === 0 || requests === 0) {
    const name = connections === 0 ? "connections" : "requests";
    throw new RangeError(`Cannot use limits.${name}: 0 would serve nobody`);
  }
  return limits;
}

/** Fills in the defaults; throws a RangeError for what is no timeout. */
export function resolveTimeouts(given: Partial<Timeouts> = {}): Timeouts {
  return merge(defaultTimeouts, given, "timeouts");
}

/** Whether it is a whole number, from 0 to `Infinity`. */
export function isLimit(value: unknown): boolean {
  return typeof value === "number" && value >= 0 &&
    (Number.isSafeInteger(value) || value === Infinity);
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
    if (!isLimit(value)) {
      throw new RangeError(
        `Cannot use ${label}.${name}: got ${value}, not a whole number`,
      );
    }
    Object.assign(merged, { [name]: value });
  }
  return merged;
}
