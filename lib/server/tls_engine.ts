/**
 * TLS without a socket: what a client has sent goes in, what it said comes out,
 * and what is to be sent to it. Whoever has the socket decides how long to wait.
 *
 * The engine is rustls, as Deno's node:tls drives it where a TLSSocket is put
 * over a stream of JavaScript. A TLSSocket takes five times the CPU of the
 * engine alone, and over a socket of node:net it decrypts all that comes,
 * however little is read. How the two are joined is an implementation detail of
 * Deno: only this file relies on it, and a handshake in memory tries it.
 *
 * @module
 */
import type { Duplex } from "node:stream";
import type { SecureContext, TLSSocket } from "node:tls";
import { Proof } from "../lazy/stand_in.ts";

/** What node:tls hands to the engine of a connection. */
export type TlsSettings = Record<string, unknown>;

/** The part of Deno's handle that is needed here. */
interface Handle {
  initServerTls(settings: TlsSettings): number;
  initClientTls(name: string, settings: TlsSettings): number;
  setAlpnProtocols(list: Uint8Array): void;
  attachJsStream(): number;
  setHandle(handle: Handle): void;
  start(): number;
  readStart(): number;
  readBuffer(octets: Uint8Array): void;
  emitEof(): void;
  writeBuffer(request: object, octets: Uint8Array): number;
  shutdown(request: object): number;
  drainEncOut(): Uint8Array;
  destroySsl(): void;
  onread(octets?: ArrayBuffer): void;
  onhandshakedone(): void;
  onerror(error: Error): void;
}

type HandleClass = new (side: number, id: number) => Handle;

/** Which side of TLS an engine is. */
const CLIENT = 0;
const SERVER = 1;

/** RFC 7301 §3.1: a list of names, each behind its length. */
const HTTP_1_1 = new TextEncoder().encode("\x08http/1.1");

const NONE = new Uint8Array(0);

/** RFC 8446 §5.1: the most octets of one record. */
const RECORD = 16 * 1024;

/** Octets that the engine takes in one go. */
export const MOST_AT_ONCE = 48 * 1024;

/** A module of Node's, loaded at once: few servers need one. */
function nodeModule(name: string) {
  // deno-lint-ignore no-explicit-any -- not in the types, and each is another
  const { process } = globalThis as any;
  return process.getBuiltinModule(`node:${name}`);
}

/** One side of one connection. */
export class TlsEngine {
  /** Whether the handshake is done. */
  isOpen = false;
  /** Whether the peer has said its last. */
  hasEnded = false;
  /** What is wrong with what the peer has sent. */
  failure: Error | undefined;
  /** What makes handles. */
  static #Handle: HandleClass | undefined;
  readonly #handle: Handle;
  /** What the peer has said, decrypted and not taken yet. */
  #said: Uint8Array[] = [];
  /** Whether some of what was said may not be encrypted yet. */
  mayHold = false;

  /** The side of a server. */
  static serve(settings: TlsSettings): TlsEngine {
    return new TlsEngine(
      SERVER,
      (handle) => handle.initServerTls(settings),
    );
  }

  /** That of a client which trusts anybody: only to try the other one. */
  static connect(settings: TlsSettings): TlsEngine {
    return new TlsEngine(
      CLIENT,
      (handle) => handle.initClientTls("localhost", settings),
    );
  }

  private constructor(side: number, initialize: (handle: Handle) => number) {
    const Handle = TlsEngine.#Handle ??= findHandleClass();
    const handle = this.#handle = new Handle(side, 0);
    if (initialize(handle) !== 0) {
      throw new TypeError("Cannot serve TLS: the certificate cannot be used");
    }
    handle.attachJsStream();
    handle.setHandle(handle);
    handle.setAlpnProtocols(HTTP_1_1);
    handle.onread = (octets) => {
      if (octets) this.#said.push(new Uint8Array(octets));
      else this.hasEnded = true;
    };
    handle.onhandshakedone = () => this.isOpen = true;
    handle.onerror = (error) => this.failure = error;
    handle.start();
    handle.readStart();
  }

  /** Takes what came from the peer; its octets are not needed afterwards. */
  receive(octets: Uint8Array): void {
    // Of much at once it takes up to five times as long for each.
    for (let at = 0; at < octets.length; at += RECORD) {
      this.#handle.readBuffer(octets.subarray(at, at + RECORD));
    }
  }

  /** To be called when nothing more will come, with a goodbye or without. */
  end(): void {
    this.#handle.emitEof();
    this.hasEnded = true;
  }

  /** Puts what the peer has said into a buffer. @returns how many octets. */
  take(into: Uint8Array): number {
    const [first] = this.#said;
    if (!first) return 0;
    if (first.length > into.length) {
      into.set(first.subarray(0, into.length));
      this.#said[0] = first.subarray(into.length);
      return into.length;
    }
    into.set(first);
    this.#said.shift();
    return first.length;
  }

  /** Says something to the peer: up to {@linkcode MOST_AT_ONCE} octets. */
  say(octets: Uint8Array): void {
    this.mayHold = octets.length > RECORD;
    this.#handle.writeBuffer({}, octets);
  }

  /** Says that nothing more will follow (`close_notify`). */
  sayGoodbye(): void {
    this.#handle.shutdown({});
  }

  /** Takes what is to be sent to the peer; empty if there is nothing. */
  drain(): Uint8Array {
    const octets = this.#handle.drainEncOut();
    if (octets.length > 0 || !this.mayHold) return octets;
    this.mayHold = false;
    this.#handle.readBuffer(NONE);
    return this.#handle.drainEncOut();
  }

  /** Lets go of the engine, which would otherwise stay for good. */
  release(): void {
    this.#handle.destroySsl();
  }
}

/** That of the handle which a TLSSocket has. */
function findHandleClass(): HandleClass {
  const tls = nodeModule("tls");
  const stream = nodeModule("stream");
  const nowhere: Duplex = new stream.Duplex({ read() {}, write() {} });
  const secureContext: SecureContext = tls.createSecureContext();
  const socket: TLSSocket = new tls.TLSSocket(nowhere, { secureContext });
  socket.on("error", () => {});
  const { _handle } = socket as unknown as { _handle: Handle };
  socket.destroy();
  return _handle.constructor as HandleClass;
}

/**
 * The settings for a certificate and its key. Throws a TypeError if they cannot
 * be used together.
 */
export function settingsFor(cert: string, key: string): TlsSettings {
  const chain = chainOf(cert);
  refuseStrangers(chain, key);
  try {
    const options = { cert: chain.join(""), key };
    const { context } = nodeModule("tls").createSecureContext(options);
    return { ...context, rejectUnauthorized: false, requestCert: false };
  } catch (cause) {
    throw refusal(`the key is not accepted (${messageOf(cause)})`, cause);
  }
}

const BEGIN = "-----BEGIN CERTIFICATE-----";

/** The certificates in a file; what is written before them is left out. */
function chainOf(cert: string): string[] {
  const [, ...rest] = String(cert).split(BEGIN);
  if (rest.length === 0) throw refusal("the certificate is not in PEM");
  return rest.map((each) => BEGIN + each);
}

/** What would show at each handshake only: to clients, not to the operator. */
function refuseStrangers(chain: string[], key: string): void {
  const { X509Certificate, createPrivateKey } = nodeModule("crypto");
  const [certificate] = chain.map((each, at) =>
    attempt(
      at === 0
        ? "the certificate is not in PEM"
        : `certificate ${at + 1} of the chain is broken or cut off`,
      () => new X509Certificate(each),
    )
  );
  const privateKey = attempt(
    "the key is not in PEM, or encrypted",
    () => createPrivateKey(key),
  );
  const { asymmetricKeyType: kind, asymmetricKeyDetails: details } = privateKey;
  const name = details?.namedCurve ?? kind;
  if (!KEYS.has(name)) {
    throw refusal(
      `no TLS by a key of ${name} here, make one of RSA, P-256 or Ed25519`,
    );
  }
  if (certificate.checkPrivateKey(privateKey)) return;
  throw refusal("the key belongs to another certificate");
}

/** The kinds and curves of keys that rustls can sign with. */
const KEYS = new Set([
  "rsa",
  "prime256v1",
  "secp384r1",
  "secp521r1",
  "ed25519",
]);

// deno-lint-ignore no-explicit-any -- whatever the module of Node's makes
function attempt(problem: string, make: () => any) {
  try {
    return make();
  } catch (cause) {
    throw refusal(problem, cause);
  }
}

function refusal(problem: string, cause?: unknown): TypeError {
  return new TypeError(`Cannot serve TLS: ${problem}`, { cause });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether the engine behaves on this Deno, with these settings. */
export function canServe(settings: TlsSettings): boolean {
  return new Proof(() => {
    const server = TlsEngine.serve(settings);
    const client = TlsEngine.connect({
      ...nodeModule("tls").createSecureContext().context,
      rejectUnauthorized: false,
    });
    try {
      return talk(client, server);
    } finally {
      server.release();
      client.release();
    }
  }).holds;
}

/** More than a handshake takes: each way at most three times. */
const TURNS = 4;

/** Shakes hands in memory; then each says something, and then goodbye. */
function talk(client: TlsEngine, server: TlsEngine): boolean {
  for (let turn = 0; turn < TURNS; turn++) {
    pass(client, server);
    pass(server, client);
  }
  if (!client.isOpen || !server.isOpen) return false;
  const word = Uint8Array.of(1, 2, 3);
  const heard = new Uint8Array(word.length);
  for (const [from, to] of [[client, server], [server, client]]) {
    from.say(word);
    pass(from, to);
    if (to.take(heard.fill(0)) !== word.length) return false;
    if (heard.some((octet, at) => octet !== word[at])) return false;
  }
  client.sayGoodbye();
  pass(client, server);
  return server.hasEnded && server.failure === undefined;
}

function pass(from: TlsEngine, to: TlsEngine): void {
  const octets = from.drain();
  if (octets.length > 0) to.receive(octets);
}
