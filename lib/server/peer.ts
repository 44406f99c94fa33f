/**
 * The other end of a connection: a client, or a proxy that speaks for one.
 *
 * In: the address of the socket, and the header of the PROXY protocol where one
 * comes first. Out: the address that counts, and what a trusted proxy reports
 * in the fields of a request. It does not know which proxies are trusted: the
 * options say so.
 *
 * @module
 */
import { nameOfPeer } from "../authority.ts";
import { ProtocolError } from "../errors.ts";
import type { Timeouts } from "../limits.ts";
import type { Exchange } from "../observer.ts";
import type { ByteReader } from "../wire/byte_reader.ts";
import type { FieldSection } from "../wire/field_section.ts";
import { type ReportedOrigin, reportedOrigin } from "../wire/forwarded.ts";
import {
  type ProxiedSource,
  ProxyHeaderParser,
} from "../wire/proxy_protocol.ts";
import type { Deadlines } from "./client_timeouts.ts";
import { quietly } from "./strays.ts";

/** The part of a server that its peers need. */
export interface PeerContext {
  readonly trustProxy?: (hostname: string) => boolean;
  readonly proxyProtocol?: (hostname: string) => boolean;
  readonly deadlines: Deadlines;
  readonly timeouts: Timeouts;
  readonly onExchange?: (exchange: Exchange) => void;
}

/** Whom a connection is from. */
export class Peer {
  /** The address of the socket, or the source that a PROXY header tells. */
  addr: Deno.Addr;
  readonly #context: PeerContext;
  /** Whether a header has come that names no address of a network. */
  #isUnknown = false;

  constructor(addr: Deno.Addr, context: PeerContext) {
    this.addr = addr;
    this.#context = context;
  }

  /**
   * Reads the header of the PROXY protocol, where one must come first;
   * undefined where none may. Rejects with a ProtocolError, which is logged
   * here: there is no request that it could be an answer to.
   */
  introduce(reader: ByteReader): Promise<void> | undefined {
    const isExpected = this.#context.proxyProtocol?.(nameOfPeer(this.addr));
    return isExpected ? this.#readHeader(reader) : undefined;
  }

  async #readHeader(reader: ByteReader): Promise<void> {
    const { deadlines, timeouts } = this.#context;
    const started = Date.now();
    const clock = deadlines.create(() => {
      const message = "The PROXY header came too slowly";
      reader.interrupt(new ProtocolError(408, message));
    });
    clock.start(timeouts.head);
    try {
      this.#become(await reader.read(new ProxyHeaderParser()));
    } catch (error) {
      // A health check may connect and leave without a word.
      if (reader.received > 0) this.#tell(error, started);
      throw error;
    } finally {
      clock.release();
    }
  }

  #become(source: ProxiedSource): void {
    if (source.kind === "ip") {
      const { hostname, port } = source;
      this.addr = { transport: "tcp", hostname, port };
    } else if (source.kind === "unix") {
      this.addr = { transport: "unix", path: source.path };
    }
    this.#isUnknown = source.kind === "unknown" || source.kind === "unix";
  }

  #tell(error: unknown, started: number): void {
    const { onExchange } = this.#context;
    if (!onExchange) return;
    const duration = Date.now() - started;
    const remoteAddr = this.addr;
    quietly(() =>
      onExchange({ remoteAddr, received: 0, sent: 0, started, duration, error })
    );
  }

  /**
   * What the fields of a request say of its client; undefined if the peer is not
   * trusted. A client behind a proxy without an address may be anybody.
   */
  report(fields: FieldSection): ReportedOrigin | undefined {
    const { trustProxy } = this.#context;
    if (!trustProxy || this.#isUnknown) return undefined;
    return reportedOrigin(fields, this.addr as Deno.NetAddr, trustProxy);
  }
}
