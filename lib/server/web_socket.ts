/**
 * A connection becomes a WebSocket (RFC 6455) of Deno's own, where a handler calls
 * `Deno.upgradeWebSocket` with a request that came on it.
 *
 * In: such a request, and the connection, once its 101 is out. Out: the socket that
 * the handler has, open on that connection, until it ends. It knows no frames: from
 * the 101 on Deno reads and writes them itself.
 *
 * How Deno creates a WebSocket is an implementation detail. Only this file
 * relies on it, and tests it on first use: if the test fails, the call throws,
 * and names the alternative.
 *
 * - `Deno.upgradeWebSocket(request)` looks into the request for `_throwIfUpgraded`
 *   and `_wantsUpgrade`, calls both, and awaits from the latter the number of what
 *   its socket is to be on.
 * - With a `socket` of node:http among its options it makes that of any connection of
 *   Deno's, given the number of this one, and the octets that were read from it.
 * - Its Response holds the socket, under a symbol.
 *
 * @module
 */
import { ConnectionLost } from "../errors.ts";
import { NativeResponse, symbolNamed } from "../lazy/response_insides.ts";
import { Proof } from "../lazy/stand_in.ts";
import type { ByteReader } from "../wire/byte_reader.ts";
import type { Deadline } from "./client_timeouts.ts";
import { LocalRelay, mayRelay } from "./local_relay.ts";
import type { Transport } from "./transport.ts";
import { encodeSwitch, type Line, type WayOut } from "./upgrade.ts";

/** How long (ms) a client may take to answer our Close. */
const FAREWELL = 1000;
/** RFC 6455 §7.4.1: the endpoint is going away; in the words of `Deno.serve`. */
const GOING_AWAY = [1001, "Server shutting down"] as const;

// deno-lint-ignore no-explicit-any -- what is under a symbol has no type
type Insides = Record<symbol, any>;

const NONE = new Uint8Array(0);

/** What Deno's own modules work with, as far as it is needed here. */
interface Core {
  readonly internalRidSymbol: symbol;
  cancelRead(resource: number): void;
  tryClose(resource: number): void;
}

// deno-lint-ignore no-explicit-any -- neither is told in the types
const core: Core = (Deno as any)[(Deno as any).internal]?.core;

/** Deno's symbols, set by the proof that finds them. */
const under = { socket: Symbol(), resource: Symbol() };

/** The part of an exchange that is needed here. */
export interface Asked {
  readonly wayOut: WayOut | undefined;
  /** Throws where there can be none any more. */
  becomeWebSocket(): WebSocketUpgrade;
}

/** Makes a Request one that `Deno.upgradeWebSocket` can upgrade. */
export function offerWebSocket(request: Request, asked: Asked): Request {
  const throwIfUpgraded = () => {
    if (asked.wayOut) throw new Deno.errors.Http("Already upgraded");
    if (proof.holds) return;
    throw new TypeError(
      "Cannot upgrade to a WebSocket on this version of Deno: use info.upgrade",
    );
  };
  // Where there is nothing inside, the Response of such a call can't be sent.
  Object.assign(insideOf(request) ?? {}, {
    _throwIfUpgraded: throwIfUpgraded,
    _wantsUpgrade() {
      throwIfUpgraded();
      asking = asked.becomeWebSocket();
      return asking.resource;
    },
  });
  return request;
}

/** The one that the call of `Deno.upgradeWebSocket` under way is for. */
let asking: WebSocketUpgrade | undefined;

/** Called with the socket that such a call makes, whoever has called it. */
function keepSocket(this: Response, socket: WebSocket): void {
  Object.defineProperty(this, under.socket, {
    value: socket,
    configurable: true,
    enumerable: true,
    writable: true,
  });
  asking?.accompany(socket);
  asking = undefined;
}

/** A WebSocket, from the wish for it to its end. */
export class WebSocketUpgrade implements WayOut {
  readonly status = 101;
  readonly #made = Promise.withResolvers<number>();
  readonly #end = Promise.withResolvers<void>();
  #socket: WebSocket | undefined;
  /** What it has to close: the connection it was given, then the WebSocket. */
  #resource = -1;
  #line: Line | undefined;
  /** Over TLS, what carries the connection to one of Deno's. */
  #relay: LocalRelay | undefined;
  #isOver = false;
  /** Ends the wait for the client's Close. */
  #patience: Deadline | undefined;

  /** Throws a TypeError for a transport that is not on a connection of Deno's. */
  constructor(transport: Transport) {
    if (numberOf(transport.conn) === undefined) refuseUnlessRelayed(transport);
    this.#made.promise.catch(() => {});
  }

  /** What Deno waits for before it opens the socket. */
  get resource(): Promise<number> {
    return this.#made.promise;
  }

  /** Listens to the handler's socket before the handler does. */
  accompany(socket: WebSocket): void {
    this.#socket = socket;
    socket.addEventListener("open", () => {
      if (this.#patience) this.#sayGoodbye();
    });
    socket.addEventListener("close", () => this.#finish());
  }

  headOf(response: Response): string {
    return encodeSwitch(response, "websocket");
  }

  async open(line: Line): Promise<void> {
    this.#line = line;
    const { transport, context } = line;
    try {
      const own = numberOf(transport.conn);
      if (own === undefined) await this.#openRelayed(line);
      else await this.#openOwn(line, own);
    } catch (error) {
      this.#cut(line);
      this.fail();
      throw error;
    }
    if (context.isShuttingDown) this.leave();
    this.#made.resolve(this.#resource);
    await this.#end.promise;
    await this.#relay?.ended;
  }

  async #openOwn(line: Line, stream: number): Promise<void> {
    this.#resource = stream;
    const early = await takeEarly(line, stream);
    await this.#open(early);
    line.transport.letGo!();
  }

  async #openRelayed(line: Line): Promise<void> {
    line.client.stopWatch();
    this.#relay = await LocalRelay.open(line);
    this.#resource = numberOf(this.#relay.far)!;
    await this.#open(NONE);
  }

  async #open(early: Uint8Array): Promise<void> {
    if (this.#isOver) throw new ConnectionLost("The connection was closed");
    this.#resource = await makeResource(this.#resource, early);
  }

  fail(): void {
    this.#made.reject(new ConnectionLost("The connection was not upgraded"));
  }

  leave(patience: number = FAREWELL): boolean {
    if (!this.#line || this.#isOver) return false;
    const line = this.#line;
    this.#patience ??= line.context.deadlines.create(() => this.#cut(line));
    this.#patience.start(patience);
    this.#sayGoodbye();
    return true;
  }

  /** Before it is open it can't be closed. */
  #sayGoodbye(): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.close(...GOING_AWAY);
  }

  /** The handler's socket closes as if the client had. */
  #cut({ transport }: Line): void {
    // Also where the relay could not be made.
    if (numberOf(transport.conn) === undefined) transport.close();
    else transport.letGo!();
    core.tryClose(this.#resource);
    this.#finish();
  }

  #finish(): void {
    this.#isOver = true;
    this.#patience?.release();
    this.#end.resolve();
  }
}

/** Deno's number of a connection, if it is one of Deno's. */
function numberOf(conn: Deno.Conn | undefined): number | undefined {
  return conn && (conn as unknown as Insides)[core.internalRidSymbol];
}

/** Over TLS, one of Deno's has to carry it. */
function refuseUnlessRelayed({ isSecure }: Transport): void {
  const why = !isSecure
    ? "the connection is not Deno's own"
    : mayRelay()
    ? undefined
    : "over TLS it needs --allow-net=127.0.0.1, add that";
  if (why === undefined) return;
  const instead = isSecure ? "or use info.upgrade" : "use info.upgrade";
  throw new TypeError(`Cannot upgrade to a WebSocket: ${why}, ${instead}`);
}

/**
 * The octets that the client has already sent. While a read is in progress,
 * Deno cannot take the connection. There is one only where the request came
 * right behind another, whose handler took its time; over TLS it ends when the
 * client speaks, and not before.
 */
async function takeEarly(
  { reader, client }: Line,
  stream: number,
): Promise<Uint8Array> {
  const before = copyOfBuffered(reader);
  if (!reader.isReading) return before;
  client.stopWatch();
  core.cancelRead(stream);
  // It may have brought something just then.
  const isMore = await reader.watch().catch(() => false);
  if (!isMore) return before;
  const after = await reader.readSome(Infinity) ?? new Uint8Array();
  return new Uint8Array([...before, ...after]);
}

function copyOfBuffered(reader: ByteReader): Uint8Array {
  return new Uint8Array(reader.takeSome(Infinity));
}

/** Makes a WebSocket's resource of a connection's. */
function makeResource(stream: number, early: Uint8Array): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const { socket } = upgradeOver({
    write: (_head, done) => done(),
    stream: () => stream,
    early,
  });
  Object.defineProperty(socket, under.resource, {
    set(resource: number) {
      resolve(resource);
      // From here on it is the handler's socket that opens, and not this one.
      throw new Error("It was made for another socket");
    },
  });
  socket.onerror = (event) => reject((event as ErrorEvent).error);
  return promise;
}

/** What of node:http's sockets Deno makes use of. */
interface Shim {
  /** Takes a head of Deno's own. */
  write(head: string, done: () => void): void;
  /** Asked for the number when that is done. */
  stream(): number;
  early?: Uint8Array;
}

function upgradeOver(
  { write, stream, early }: Shim,
): Deno.WebSocketUpgrade {
  const handle = { readStop() {}, takeStream: stream };
  const options = { socket: { write, _handle: handle }, head: early };
  return Deno.upgradeWebSocket(sample(), options as unknown as undefined);
}

/** A request that may be upgraded; its answer is dropped. */
function sample(): Request {
  return new Request("http://localhost/", {
    headers: {
      "connection": "upgrade",
      "upgrade": "websocket",
      "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    },
  });
}

/** What Deno keeps in a Request. */
function insideOf(request: Request): object | undefined {
  return (request as unknown as Insides)[
    symbolNamed("request", new Request("http://localhost/"))
  ];
}

const proof = new Proof(() => {
  // As a handler calls it.
  const calls: unknown[] = [];
  const request = sample();
  Object.assign(insideOf(request) ?? {}, {
    _throwIfUpgraded: () => calls.push("first"),
    _wantsUpgrade(what: unknown) {
      calls.push(what);
      return new Promise(() => {});
    },
  });
  const { response, socket } = Deno.upgradeWebSocket(request);
  if (calls.join() !== "first,upgradeWebSocket") return false;
  under.socket = symbolNamed("[[associated_ws]]", response);
  under.resource = symbolNamed("[[rid]]", socket);
  const isKnown = (response as unknown as Insides)[under.socket] === socket &&
    under.resource in socket && typeof core.internalRidSymbol === "symbol" &&
    typeof core.cancelRead === "function" &&
    typeof core.tryClose === "function";
  if (!isKnown) return false;
  // The call tells us of the socket only by keeping it. Of no other Response
  // anything is kept there.
  Object.defineProperty(NativeResponse.prototype, under.socket, {
    configurable: true,
    set: keepSocket,
  });
  // As we call it.
  let head = "";
  const over = upgradeOver({ write: (text) => head = text, stream: () => -1 });
  return head.startsWith("HTTP/1.1 101 ") &&
    (over.response as unknown as Insides)[under.socket] === over.socket;
});
