/**
 * What one client may take of a server: connections at once, and requests a
 * second.
 *
 * In: addresses of connections and requests. Out: whether there is room for one
 * more. A client is an IPv4 address, or the /64 of an IPv6 address. Proxies that
 * are trusted speak for many clients, and are not limited; neither is what has
 * no IP address, such as a Unix socket.
 *
 * @module
 */
import { nameOfPeer } from "../authority.ts";
import { HttpError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import type { Exchange } from "../observer.ts";
import { encodeLatin1 } from "../wire/grammar.ts";
import { encodeResponseHead } from "../wire/response_head.ts";
import { networkOf } from "../wire/ip_address.ts";
import type { Deadlines } from "./client_timeouts.ts";
import { currentDate } from "./clock.ts";
import { quietly } from "./strays.ts";
import type { Transport } from "./transport.ts";

/** Whom an address stands for; undefined if it has no IP address. */
export function clientOf(addr: Deno.Addr): string | undefined {
  return "hostname" in addr ? networkOf(addr.hostname) : undefined;
}

/** How many requests a client may make at this moment. */
interface Allowance {
  requests: number;
  /** When it was so many. */
  at: number;
}

/** The time (ms) in which a client's allowance is whole again. */
const REFILL = 1000;

/** Clients that are remembered, twice: see {@linkcode ClientRequests}. */
const MOST_CLIENTS = 16_384;

/** The part of an exchange that is counted. */
export interface CountedRequest {
  readonly remoteAddr: Deno.Addr;
  /** Whether a trusted proxy asks for itself. */
  readonly isOfProxy: boolean;
}

/**
 * Requests a second of each client, by a token bucket that holds as many as
 * come in a second.
 *
 * There is no timer. A second after a client's last request its allowance is
 * whole, as if it had never been here: so all that were seen before the last
 * second but one are forgotten together. With more than 16,384 clients in a
 * second, those silent for the longest are forgotten sooner, and have all of
 * their allowance again.
 */
export class ClientRequests {
  readonly #rate: number;
  readonly #now: () => number;
  #recent = new Map<string, Allowance>();
  #earlier = new Map<string, Allowance>();
  #turnedAt = -Infinity;

  /**
   * @param rate Requests a second.
   * @param now Milliseconds on a clock that is never set back.
   */
  constructor(rate: number, now: () => number) {
    this.#rate = rate;
    this.#now = now;
  }

  /** How many clients are remembered. */
  get size(): number {
    return this.#recent.size + this.#earlier.size;
  }

  /**
   * Counts a request. @returns the answer to one too many: always the same line,
   * since to choose a form for each client would cost more than most answers.
   */
  refuse({ remoteAddr, isOfProxy }: CountedRequest): Response | undefined {
    const client = isOfProxy ? undefined : clientOf(remoteAddr);
    if (client === undefined) return undefined;
    const now = this.#now();
    const allowance = this.#allowanceOf(client, now);
    const gained = (now - allowance.at) * this.#rate / REFILL;
    allowance.requests = Math.min(this.#rate, allowance.requests + gained);
    allowance.at = now;
    if (allowance.requests < 1) {
      return new Response(TOO_MANY_REQUESTS, { status: 429, headers: refusal });
    }
    allowance.requests--;
    return undefined;
  }

  #allowanceOf(client: string, now: number): Allowance {
    const known = this.#recent.get(client);
    if (known) return known;
    if (
      now - this.#turnedAt >= REFILL || this.#recent.size >= MOST_CLIENTS
    ) this.#turn(now);
    const allowance = this.#earlier.get(client) ??
      { requests: this.#rate, at: now };
    this.#recent.set(client, allowance);
    return allowance;
  }

  #turn(now: number): void {
    this.#earlier = this.#recent;
    this.#recent = new Map();
    this.#turnedAt = now;
  }
}

const TOO_MANY_REQUESTS =
  "429 Too Many Requests: This client sends too many requests a second\n";
const refusal = {
  "content-type": "text/plain; charset=utf-8",
  "retry-after": "1",
};

/** How long (ms) a refused client is listened to, so that it gets to know why. */
const LISTENING = 1000;
/** Refused clients that are listened to at once; the others are just closed. */
const MOST_LISTENED = 64;
/** Octets that are read of one of them. */
const MOST_READ = 64 * 1024;

/** The part of a server that connections are counted for. */
export interface CountedContext {
  readonly limits: Limits;
  readonly trustProxy?: (hostname: string) => boolean;
  readonly proxyProtocol?: (hostname: string) => boolean;
  readonly deadlines: Deadlines;
  readonly onExchange?: (exchange: Exchange) => void;
}

/**
 * Connections of each client at once. One too many is answered before it has
 * asked: its head is not waited for, and nothing is parsed.
 */
export class ClientConnections {
  readonly #context: CountedContext;
  readonly #counts = new Map<string, number>();
  readonly #refused = new Set<Transport>();

  private constructor(context: CountedContext) {
    this.#context = context;
  }

  /** Undefined where the number is not limited. */
  static of(context: CountedContext): ClientConnections | undefined {
    return context.limits.clientConnections === Infinity
      ? undefined
      : new ClientConnections(context);
  }

  /** Counts a connection; answers and closes one too many. @returns false then. */
  admit(transport: Transport): boolean {
    const client = this.#clientOf(transport);
    if (client === undefined) return true;
    const count = this.#counts.get(client) ?? 0;
    if (count < this.#context.limits.clientConnections) {
      this.#counts.set(client, count + 1);
      return true;
    }
    this.#refuse(transport);
    return false;
  }

  /** To be called when a connection that was admitted has ended. */
  leave(transport: Transport): void {
    const client = this.#clientOf(transport);
    if (client === undefined) return;
    const left = (this.#counts.get(client) ?? 0) - 1;
    if (left > 0) this.#counts.set(client, left);
    else this.#counts.delete(client);
  }

  /** Closes what is refused and still listened to. */
  close(): void {
    for (const transport of this.#refused) transport.close();
  }

  #clientOf({ remoteAddr }: Transport): string | undefined {
    const { trustProxy, proxyProtocol } = this.#context;
    const name = nameOfPeer(remoteAddr);
    const isProxy = trustProxy?.(name) || proxyProtocol?.(name);
    return isProxy ? undefined : clientOf(remoteAddr);
  }

  async #refuse(transport: Transport): Promise<void> {
    const isListenedTo = this.#refused.size < MOST_LISTENED;
    this.#refused.add(transport);
    this.#tell(transport);
    try {
      await transport.write(refusalOctets());
      if (isListenedTo) await this.#listen(transport);
    } catch {
      // The client is gone.
    } finally {
      transport.close();
      this.#refused.delete(transport);
    }
  }

  /** To close at once would destroy the answer to a client that still sends. */
  async #listen(transport: Transport): Promise<void> {
    const clock = this.#context.deadlines.create(() => transport.close());
    clock.start(LISTENING);
    try {
      await transport.closeWrite();
      const reader = transport.readable.getReader();
      for (let count = 0; count < MOST_READ;) {
        const { value } = await reader.read();
        if (!value) break;
        count += value.length;
      }
    } finally {
      clock.release();
    }
  }

  #tell({ remoteAddr, isSecure }: Transport): void {
    const { onExchange } = this.#context;
    if (!onExchange) return;
    const error = new HttpError(429, TOO_MANY_CONNECTIONS);
    const started = Date.now();
    // No handshake is made for an answer that costs less than that.
    const answer = isSecure
      ? { sent: 0 }
      : { status: 429, sent: REFUSAL_TEXT.length };
    const told = { remoteAddr, ...answer, received: 0, started };
    quietly(() => onExchange({ ...told, duration: 0, error }));
  }
}

const TOO_MANY_CONNECTIONS = "This client has too many connections";
const REFUSAL_TEXT = `429 Too Many Requests: ${TOO_MANY_CONNECTIONS}\n`;

function refusalOctets(): Uint8Array {
  return encodeLatin1(
    encodeResponseHead(429, "Too Many Requests", [
      ["date", currentDate()],
      ...Object.entries(refusal),
      ["connection", "close"],
      ["content-length", String(REFUSAL_TEXT.length)],
    ]) + REFUSAL_TEXT,
  );
}
