/**
 * A connection over TLS: shakes hands as soon as it is first read.
 *
 * In: an accepted connection, and an engine for it. Out: a connection with the
 * same interface, whose octets are what the client says. A handshake that takes
 * too long ends with the socket. A client that speaks HTTP in the clear is told
 * where to find the server.
 *
 * @module
 */
import { authorityOf } from "../authority.ts";
import { ConnectionLost, ProtocolError } from "../errors.ts";
import type { Timeouts } from "../limits.ts";
import type { Exchange } from "../observer.ts";
import { encodeLatin1 } from "../wire/grammar.ts";
import { encodeResponseHead } from "../wire/response_head.ts";
import type { Deadline, Deadlines } from "./client_timeouts.ts";
import { currentDate } from "./clock.ts";
import { quietly } from "./strays.ts";
import { MOST_AT_ONCE, type TlsEngine } from "./tls_engine.ts";

/** The part of a server that its secure connections need. */
export interface SecureContext {
  readonly deadlines: Deadlines;
  readonly timeouts: Timeouts;
  readonly onExchange?: (exchange: Exchange) => void;
}

/** How long (ms) a client in the clear is listened to, so that it gets to know why. */
const LISTENING = 1000;
/** Octets that are read of one. */
const MOST_READ = 64 * 1024;

/** An accepted connection, and TLS on it. */
export class SecureConn implements Deno.Conn {
  /** Tells a transport what it is. */
  readonly isSecure = true;
  readonly #conn: Deno.TcpConn;
  readonly #makeEngine: () => TlsEngine;
  readonly #context: SecureContext;
  readonly #started = Date.now();
  /** Runs until the handshake is done. */
  readonly #clock: Deadline;
  /** Not there before the client has begun its handshake. */
  #engine: TlsEngine | undefined;
  #isOpen = false;
  #isClosed = false;
  /** Why nothing is read any more. */
  #failure: unknown;
  #flushing: Promise<void> | undefined;
  /** Whether there is more to send than when that began. */
  #isDue = false;

  constructor(
    conn: Deno.TcpConn,
    makeEngine: () => TlsEngine,
    context: SecureContext,
  ) {
    this.#conn = conn;
    this.#makeEngine = makeEngine;
    this.#context = context;
    this.#clock = context.deadlines.create(() =>
      this.#fail("The TLS handshake came too slowly")
    );
    this.#clock.start(context.timeouts.head);
  }

  get remoteAddr(): Deno.NetAddr {
    return this.#conn.remoteAddr;
  }

  get localAddr(): Deno.NetAddr {
    return this.#conn.localAddr;
  }

  /** The buffer takes what comes encrypted, and then what that says. */
  async read(into: Uint8Array<ArrayBuffer>): Promise<number | null> {
    for (;;) {
      if (this.#isClosed) throw this.#failure ?? closed();
      const count = this.#engine?.take(into);
      if (count) return count;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#engine?.hasEnded) return null;
      const received = await this.#conn.read(into);
      if (received === null && !this.#engine) return null;
      const octets = received === null ? null : into.subarray(0, received);
      const waiting = this.#receive(octets);
      if (waiting) await waiting;
    }
  }

  /** Takes what has come; null at the end. Returns what to wait for. */
  #receive(octets: Uint8Array | null): Promise<void> | undefined {
    if (this.#isClosed) return undefined;
    if (octets === null) return void this.#engine?.end();
    if (!this.#engine) {
      if (isClear(octets[0])) return this.#refuseClear();
      this.#engine = this.#makeEngine();
    }
    const engine = this.#engine;
    engine.receive(octets);
    // Once it is open, what the engine says to that can go with the next write.
    if (this.#isOpen && !engine.failure) return undefined;
    const flushing = this.#flush();
    if (engine.failure) return this.#failWith(engine.failure, flushing);
    if (!engine.isOpen) return flushing;
    this.#clock.release();
    this.#isOpen = true;
    // What the client does not take must not keep it from being heard.
    flushing?.catch(() => {});
    return undefined;
  }

  async write(octets: Uint8Array): Promise<number> {
    if (this.#isClosed) throw closed();
    if (!this.#isOpen) throw new ConnectionLost("It is not open yet");
    const some = octets.subarray(0, MOST_AT_ONCE);
    this.#engine!.say(some);
    await this.#flush();
    return some.length;
  }

  /** Sends what the engine has. Two writes at once would mingle their parts. */
  #flush(): Promise<void> | undefined {
    if (this.#flushing) {
      this.#isDue = true;
      return this.#flushing;
    }
    const octets = this.#engine!.drain();
    if (octets.length === 0) return undefined;
    return this.#flushing = this.#send(octets);
  }

  async #send(first: Uint8Array): Promise<void> {
    try {
      for (let octets = first; octets.length > 0;) {
        await this.#writeAll(octets);
        if (this.#isClosed) throw closed();
        octets = this.#isDue || this.#engine!.mayHold
          ? this.#engine!.drain()
          : NONE;
        this.#isDue = false;
      }
    } finally {
      this.#flushing = undefined;
    }
  }

  async #writeAll(octets: Uint8Array): Promise<void> {
    for (let at = 0; at < octets.length;) {
      at += await this.#conn.write(octets.subarray(at));
    }
  }

  /** Says goodbye (`close_notify`) and sends FIN. */
  async closeWrite(): Promise<void> {
    if (this.#isClosed) throw closed();
    if (this.#isOpen) {
      this.#engine!.sayGoodbye();
      await this.#flush();
    }
    await this.#conn.closeWrite();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#clock.release();
    this.#engine?.release();
    this.#conn.close();
  }

  ref(): void {
    this.#conn.ref();
  }

  unref(): void {
    this.#conn.unref();
  }

  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    throw new TypeError("Cannot make a stream of it: read and write instead");
  }

  get writable(): WritableStream<Uint8Array<ArrayBufferLike>> {
    throw new TypeError("Cannot make a stream of it: read and write instead");
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Sends the alert that says what is wrong. */
  async #failWith(
    error: Error,
    flushing: Promise<void> | undefined,
  ): Promise<void> {
    await flushing?.catch(() => {});
    this.#fail(`TLS has failed: ${wordsOf(error)}`);
  }

  /** Nobody is left to answer. A client that has said nothing is not told of. */
  #fail(message: string): void {
    if (this.#isClosed) return;
    const error = new ProtocolError(400, message);
    if (this.#engine && !this.#isOpen) this.#tell(error, {});
    this.#failure = error;
    this.close();
  }

  /** Answers what was said in the clear, and listens on until that is read. */
  async #refuseClear(): Promise<void> {
    const { hostname, port } = this.localAddr;
    const url = `https://${authorityOf({ hostname, port })}/`;
    const message = `This port speaks HTTPS only, ask for ${url}`;
    const text = `400 Bad Request: ${message}\n`;
    const error = new ProtocolError(400, message);
    this.#failure = error;
    this.#tell(error, { status: 400, sent: text.length });
    this.#clock.start(LISTENING);
    await this.#writeAll(answerWith(text));
    await this.#conn.closeWrite();
    const buffer = new Uint8Array(1024);
    for (let count = 0; count < MOST_READ;) {
      const more = await this.#conn.read(buffer);
      if (more === null) break;
      count += more;
    }
  }

  #tell(error: Error, outcome: { status?: number; sent?: number }): void {
    const { onExchange } = this.#context;
    if (!onExchange) return;
    const { remoteAddr } = this;
    const started = this.#started;
    const duration = Date.now() - started;
    const told = { remoteAddr, received: 0, sent: 0, started, duration };
    quietly(() => onExchange({ ...told, ...outcome, error }));
  }
}

const NONE = new Uint8Array(0);

/**
 * Whether a connection that begins so is not TLS: methods and empty lines
 * begin with a letter or a line end, a handshake with 22 (RFC 8446 §5.1).
 */
function isClear(octet: number): boolean {
  return octet === 0x0d || octet === 0x0a || octet >= 0x41 && octet <= 0x7a;
}

function answerWith(text: string): Uint8Array {
  return encodeLatin1(
    encodeResponseHead(400, "Bad Request", [
      ["date", currentDate()],
      ["content-type", "text/plain; charset=utf-8"],
      ["connection", "close"],
      ["content-length", String(text.length)],
    ]) + text,
  );
}

/** What rustls says, without the words of OpenSSL that node:tls adds. */
function wordsOf({ message }: Error): string {
  return message.split(" (SSL", 1)[0];
}

function closed(): Error {
  return new Deno.errors.Interrupted("The connection was closed");
}
