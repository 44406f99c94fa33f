/**
 * One request in progress: the handler's info, the source of the Request, the
 * data for the answer, and the record for the log.
 *
 * It is one object, since every request needs all of these; rarely used parts
 * are made on demand.
 *
 * @module
 */
import { isUnixSocket, ownAuthority } from "../authority.ts";
import { ConnectionLost, HttpError, ProtocolError } from "../errors.ts";
import type { Exchange } from "../observer.ts";
import type { HandlerInfo, Upgraded, UpgradeOptions } from "../handler.ts";
import {
  lazyRequest,
  refuseForeignMethod,
  type RequestSource,
} from "../lazy/lazy_request.ts";
import type { FieldLine, FieldSection } from "../wire/field_section.ts";
import type { ReportedOrigin } from "../wire/forwarded.ts";
import {
  type HeadParser,
  type LastOrigin,
  type RequestHead,
  type RequestLine,
  targetUri,
} from "../wire/request_head.ts";
import { encodeInterimResponse } from "../wire/response_head.ts";
import type { Answered } from "./answer.ts";
import { IgnorablePromise, report } from "./strays.ts";
import { emptyStream, type IncomingContent } from "./incoming_content.ts";
import type { Peer } from "./peer.ts";
import type { Transport } from "./transport.ts";
import { isForWebSocket } from "./unmet_request.ts";
import { Upgrade, type WayOut } from "./upgrade.ts";
import { offerWebSocket, WebSocketUpgrade } from "./web_socket.ts";
import type { WriteBuffer } from "./write_buffer.ts";

/** What an exchange must know of the connection that it is on. */
export interface Carrier {
  readonly transport: Transport;
  readonly peer: Peer;
  readonly output: WriteBuffer;
  /** Whether the server and its limits let another request follow. */
  mayGoOn(exchange: CurrentExchange): boolean;
}

/** What of a server the URL of a Request may depend on. */
interface OriginContext {
  readonly lastOrigin: LastOrigin;
  /** Where it listens; undefined where it does not. */
  readonly authority?: string;
}

/** An exchange at work. The log is given this very object once it is over. */
export class CurrentExchange
  implements
    Exchange,
    Omit<HandlerInfo, "requestTarget">,
    RequestSource,
    Answered {
  remoteAddr: Deno.Addr;
  method: string | undefined = undefined;
  requestTarget: string | undefined = undefined;
  version: string | undefined = undefined;
  host: string | undefined = undefined;
  userAgent: string | undefined = undefined;
  referer: string | undefined = undefined;
  status: number | undefined = undefined;
  received = 0;
  sent = 0;
  started = 0;
  duration = 0;
  /** Not there as long as nothing has failed. */
  declare error?: unknown;

  // The rest is private, so that copying or printing a record shows only the
  // record.
  #carrier: Carrier;
  #from = 0;
  #line: RequestLine | undefined;
  #fields: FieldSection | undefined;
  #head: RequestHead | undefined;
  #content: IncomingContent | undefined;
  #told: ReportedOrigin | undefined;
  #origin = "";
  /** Whether the final response has begun. */
  #isAnswered = false;
  /** How many octets had been gathered in all when it was answered. */
  #end = Infinity;
  #failure: unknown;
  #completion: PromiseWithResolvers<void> | undefined;
  #abortion: AbortController | undefined;
  #goneReason: Error | undefined;
  #wayOut: WayOut | undefined;
  #requestTrailers: Headers | undefined;
  #responseTrailers: Headers | undefined;

  constructor(carrier: Carrier) {
    this.#carrier = carrier;
    this.remoteAddr = carrier.peer.addr;
  }

  // What the connection tells it, and asks.

  /** Its first octet is here: only a record needs to know when. */
  begin(): void {
    this.#from = performance.now();
    this.started = Date.now();
  }

  /** What is known of a head that is not whole, or not valid. */
  enterPart({ line, fields }: Pick<HeadParser, "line" | "fields">): void {
    this.#line = line;
    this.#fields = fields;
    this.method = line?.method;
    this.requestTarget = line?.rawTarget;
  }

  /** The head is here, and what its framing says is to come. */
  enterHead(head: RequestHead, content: IncomingContent | undefined): void {
    this.#line = this.#head = head;
    this.#fields = head.fields;
    this.method = head.method;
    this.requestTarget = head.rawTarget;
    this.#content = content;
  }

  /** Takes what a trusted proxy reports of its client for true. */
  believe(): void {
    this.#told = this.#carrier.peer.report(this.#head!.fields);
    const client = this.#told?.client;
    if (client) this.remoteAddr = { transport: "tcp", ...client };
  }

  /** Whether a trusted proxy asks for itself. */
  get isOfProxy(): boolean {
    return this.#told?.isSilent ?? false;
  }

  get content(): IncomingContent | undefined {
    return this.#content;
  }

  /** Undefined, if it could not be read. */
  get head(): RequestHead | undefined {
    return this.#head;
  }

  /** What a report calls it by, if its line could be read. */
  get request(): RequestLine | undefined {
    return this.#line;
  }

  /** The Accept field, for an answer that says what is wrong. */
  get accept(): string | null {
    return this.#fields?.get("accept") ?? null;
  }

  /** Whether all that the client sends with it has been read. */
  get isRead(): boolean {
    return this.#content === undefined || this.#content.ended;
  }

  /** Whether a read may look out for the client: it would be in Deno's way. */
  get mayBeWatched(): boolean {
    return this.#head !== undefined && this.isRead &&
      (this.#isAnswered || !isForWebSocket(this.#head));
  }

  /** All of it has been gathered, or will not be, for `failure`: said once. */
  end(failure?: unknown): void {
    if (this.#end !== Infinity) return;
    this.#isAnswered = true;
    this.#end = this.#carrier.output.gathered;
    this.#failure = failure;
    if (this.#completion) this.#settle(this.#completion);
  }

  /** Completes the record: whatever can be known is known. */
  completeRecord(): void {
    this.duration = performance.now() - this.#from;
    this.received = this.#content?.received ?? 0;
    if (this.#line) this.version = `HTTP/1.${this.#line.minorVersion}`;
    const fields = this.#fields;
    if (!fields) return;
    this.host = fields.get("host");
    this.userAgent = fields.get("user-agent");
    this.referer = fields.get("referer");
  }

  /** The client is gone: says so to the handler at work. */
  abort(reason: ConnectionLost): void {
    // What code for fetch and Deno.serve tells a broken-off request by.
    reason.name = "AbortError";
    this.#goneReason = reason;
    this.#wayOut?.fail();
    if (this.#abortion) this.#tellListeners(this.#abortion, reason);
  }

  /** The runtime ends the process at what a listener throws. */
  #tellListeners(abortion: AbortController, reason: Error): void {
    const keep = (event: ErrorEvent) => {
      event.preventDefault();
      report(event.error, this.#line);
    };
    globalThis.addEventListener("error", keep);
    abortion.abort(reason);
    globalThis.removeEventListener("error", keep);
  }

  /** How the handler wants to leave HTTP, if it does. */
  get wayOut(): WayOut | undefined {
    return this.#wayOut;
  }

  /** The way out that a response is for. Of another one it fails. */
  wayOutBy(response: Response): WayOut | undefined {
    if (!this.#wayOut) return undefined;
    if (this.#wayOut.status === response.status) return this.#wayOut;
    this.#wayOut.fail();
    return undefined;
  }

  /** Called when `Deno.upgradeWebSocket` gets the request. */
  becomeWebSocket(): WebSocketUpgrade {
    if (this.#isAnswered) throw new Deno.errors.Http("Already closed");
    return this.#wayOut = new WebSocketUpgrade(this.#carrier.transport);
  }

  // What the answer must know, and tells it.

  get minorVersion(): number {
    // RFC 9112 §6.1: a client that is not known to speak 1.1 gets no chunks.
    return this.#line?.minorVersion ?? 0;
  }

  /** Whether the client waits to be invited to send its content. */
  get isWaiting(): boolean {
    return this.#content?.isWaiting ?? false;
  }

  /** RFC 9112 §9.3: whether another request may follow. */
  mayPersist(): boolean {
    return this.#head !== undefined && this.#head.mayPersist &&
      !(this.error instanceof ProtocolError) && this.#carrier.mayGoOn(this);
  }

  /** What may follow the content: nothing after an answer to an error. */
  get trailers(): (() => Headers | undefined) | undefined {
    return this.#head?.takesTrailers && this.error === undefined
      ? () => this.#responseTrailers
      : undefined;
  }

  /** The final response begins: no interim one may follow. */
  beginAnswer(): void {
    this.#isAnswered = true;
  }

  /** RFC 9112 §9.6: whether the client said that it sends nothing after it. */
  get isLastWord(): boolean {
    return this.#head?.mayPersist === false && this.#content === undefined;
  }

  // What the Request is made of.

  /** Makes the Request; throws an HttpError where there can be none. */
  makeRequest(context: OriginContext): Request {
    const head = this.#head!;
    refuseForeignMethod(head.method);
    const { transport } = this.#carrier;
    this.#origin = originOf(head, transport, context, this.#told);
    const request = lazyRequest(this);
    return isForWebSocket(head) ? offerWebSocket(request, this) : request;
  }

  get url(): string {
    return targetUri(this.#origin, this.#head!.target);
  }

  get lines(): readonly FieldLine[] {
    return this.#head!.fields.headerLines;
  }

  /** Requests of GET and HEAD have no body, whatever was sent. */
  get hasBody(): boolean {
    return this.method !== "GET" && this.method !== "HEAD";
  }

  openBody(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    return this.hasBody ? this.#content?.stream() ?? emptyStream() : null;
  }

  readAll(): Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>> {
    return this.#content && this.hasBody
      ? this.#content.readAll()
      : new Uint8Array(0);
  }

  /** Aborts when the client is gone before it has the response. */
  get signal(): AbortSignal {
    this.#abortion ??= new AbortController();
    if (this.#goneReason !== undefined) {
      this.#abortion.abort(this.#goneReason);
    }
    return this.#abortion.signal;
  }

  // What the handler is told beside the Request.

  /** This, once there is a head: without one no handler is asked. */
  get info(): HandlerInfo {
    return this as HandlerInfo;
  }

  get localAddr(): Deno.Addr {
    return this.#carrier.transport.localAddr;
  }

  get peerAddr(): Deno.Addr {
    return this.#carrier.peer.addr;
  }

  get fieldLines(): readonly FieldLine[] {
    return this.#head!.fields.frozenLines;
  }

  get upgrade(): (options?: UpgradeOptions) => Upgraded {
    return (options = {}) => {
      if (this.#wayOut) {
        throw new TypeError("Cannot upgrade: it was already done");
      }
      if (!this.isRead) {
        throw new TypeError("Cannot upgrade: read the content first");
      }
      const { transport } = this.#carrier;
      return this.#wayOut = new Upgrade(this.#head!, options, transport);
    };
  }

  get requestTrailers(): Headers | undefined {
    const trailers = this.#content?.trailers;
    if (!trailers) return undefined;
    return this.#requestTrailers ??= new Headers(
      trailers.lines as [string, string][],
    );
  }

  get responseTrailers(): Headers {
    return this.#responseTrailers ??= new Headers();
  }

  get sendInformational(): (
    status: number,
    headers?: HeadersInit,
  ) => Promise<void> {
    return (status, headers) => {
      const head = encodeInterimResponse(status, headers);
      const sending = IgnorablePromise.pending<void>(this.#head!);
      sending.resolve(this.#sendInterim(head));
      return sending.promise;
    };
  }

  async #sendInterim(head: string): Promise<void> {
    if (this.#isAnswered) {
      throw new TypeError(
        "Cannot send interim response: the final one has begun",
      );
    }
    // RFC 9110 §15.2: a client of HTTP/1.0 does not know them.
    if (this.minorVersion === 0) return;
    const { output } = this.#carrier;
    output.gatherText(head);
    try {
      await output.flush();
    } catch (error) {
      this.abort(new ConnectionLost("The client is gone", { cause: error }));
      throw error;
    }
  }

  /** Resolves when the response is sent. */
  get completed(): Promise<void> {
    if (!this.#completion) {
      this.#completion = IgnorablePromise.pending(this.#head!);
      if (this.#end !== Infinity) this.#settle(this.#completion);
    }
    return this.#completion.promise;
  }

  /** When all that was gathered until its end has been written. */
  #settle({ resolve, reject }: PromiseWithResolvers<void>): void {
    if (this.#failure !== undefined) return reject(this.#failure);
    const { output } = this.#carrier;
    if (output.written >= this.#end) return resolve();
    output.afterFlush({
      complete: (error) => error === undefined ? resolve() : reject(error),
    });
  }
}

/** RFC 9112 §3.3: the first part of the target URI, put together again. */
function originOf(
  { target, host }: RequestHead,
  { localAddr, isSecure }: Pick<Transport, "localAddr" | "isSecure">,
  { lastOrigin, authority: listening }: OriginContext,
  told: ReportedOrigin | undefined,
): string {
  const asked = told?.scheme ?? (isSecure ? "https" : "http");
  if (told?.authority) return lastOrigin.canonical(asked, told.authority);
  const isUnix = isUnixSocket(localAddr) && !told?.scheme;
  const scheme = isUnix ? "http+unix" : asked;
  if (!("scheme" in target)) {
    if (!host && isUnixSocket(localAddr)) {
      return `${scheme}://${encodeURIComponent(localAddr.path)}`;
    }
    const authority = host || listening || ownAuthority(localAddr);
    return lastOrigin.canonical(scheme, authority);
  }
  // RFC 9110 §7.4: an https resource MUST NOT be given out in the clear.
  if (target.scheme !== asked) {
    throw new HttpError(421, `This server answers only for ${asked} URIs`);
  }
  // RFC 9112 §3.2.2: the target counts, and Host does not.
  return lastOrigin.canonical(scheme, target.authority!);
}
