/**
 * A server as its user sees it: where it listens, what it has at work, and how it
 * shuts down.
 *
 * @module
 */

/** How to shut down. */
export interface ShutdownOptions {
  /**
   * Milliseconds until what still runs is closed; with `Infinity` it never is.
   * Default `timeouts.shutdown`.
   */
  deadline?: number;
  /**
   * Milliseconds in which new connections and requests are still served, each
   * answer with `Connection: close`, before the deadline begins to run: time for a
   * load balancer to learn that it should go elsewhere. Default 0.
   */
  delay?: number;
}

/** How many connections there are. */
export interface ConnectionCounts {
  /** All of them. */
  open: number;
  /** Those that wait for a request. */
  idle: number;
  /** Those that a handler, or what was made of an upgrade, is at work for. */
  active: number;
}

/** A server that runs. It has the shape of `Deno.HttpServer`. */
export interface HttpServer<Addr extends Deno.Addr = Deno.NetAddr>
  extends AsyncDisposable {
  /**
   * Where it listens; the port is the real one, also if 0 was asked for. Throws
   * a TypeError where `listener` brings streams, which have no address.
   */
  readonly addr: Addr;
  /** Resolves when the server has shut down. */
  readonly finished: Promise<void>;
  /**
   * Stops accepting, finishes running requests, each answer with `Connection:
   * close`, and closes what is left after `timeouts.shutdown`, or after
   * `deadline`. With a `delay`, all clients are served as before until it is over.
   * A later call can only make it earlier. Throws a RangeError for a deadline or a
   * delay that is no whole number.
   */
  shutdown(options?: ShutdownOptions): Promise<void>;
  /** The connections that there are at this moment. */
  readonly connections: ConnectionCounts;
  /** Lets the server keep the process alive, which it does by default. */
  ref(): void;
  /** Lets the process end although the server listens and has connections. */
  unref(): void;
}
