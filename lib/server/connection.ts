/**
 * One connection, from its first octet to its last.
 *
 * In: a `Transport`. Out: the answers to its requests, one after another.
 * `#serveOne` shows the way of a request; its parts know nothing of each other.
 *
 * @module
 */
import { ConnectionLost, ProtocolError } from "../errors.ts";
import { isResponse } from "../lazy/lazy_response.ts";
import type {
  ConnectionObserver,
  ConnectionState,
  Position,
} from "../observer.ts";
import { ByteReader } from "../wire/byte_reader.ts";
import { openContent } from "../wire/request_content.ts";
import { HeadParser, type RequestHead } from "../wire/request_head.ts";
import { answerAtOnce, answerInParts, openAnswer } from "./answer.ts";
import type { ConnectionContext } from "./connection_context.ts";
import { ClientTimeouts, LINGER, type Timed } from "./client_timeouts.ts";
import { isOutOfDescriptors } from "./descriptor_limit.ts";
import { answerTo, awaitResponse, tellError } from "./error_response.ts";
import { type Carrier, CurrentExchange } from "./exchange.ts";
import { IncomingContent } from "./incoming_content.ts";
import { Peer } from "./peer.ts";
import type { Body } from "./response_body.ts";
import type { Rostered } from "./roster.ts";
import { quietly } from "./strays.ts";
import { ObservedTransport, type Transport } from "./transport.ts";
import { refuseUnmet } from "./unmet_request.ts";
import type { WayOut } from "./upgrade.ts";
import { WriteBuffer } from "./write_buffer.ts";

/** Which states may follow each. */
const moves: Record<ConnectionState, readonly ConnectionState[]> = {
  "idle": ["reading head", "lingering", "closed"],
  "reading head": ["handling", "responding", "closed"],
  "handling": ["responding", "closed"],
  "responding": ["draining", "idle", "upgraded", "lingering", "closed"],
  "draining": ["idle", "lingering", "closed"],
  "upgraded": ["closed"],
  "lingering": ["closed"],
  "closed": [],
};

/** How often any connection has moved. */
let count = 0;

/** Serves the requests of one connection, one after the other. */
export class Connection implements Timed, Carrier, Rostered {
  place = 0;
  readonly transport: Transport;
  readonly peer: Peer;
  readonly reader: ByteReader;
  readonly output: WriteBuffer;
  /** What is known of the client, and what to do about it. */
  readonly client: ClientTimeouts;
  /** How many octets had come in all when the head began. */
  headStart = 0;
  readonly context: ConnectionContext;
  #parser: HeadParser;
  #observer: ConnectionObserver | undefined;
  #state: ConnectionState = "idle";
  #since = ++count;
  #requests = 0;
  /** The one at work. */
  #exchange: CurrentExchange | undefined;
  /** What is being sent, to be let go of when the connection is closed. */
  #body: Body | undefined;

  constructor(
    transport: Transport,
    context: ConnectionContext,
    observer?: ConnectionObserver,
  ) {
    const { timeouts, limits } = context;
    this.context = context;
    this.#observer = observer;
    this.transport = observer
      ? new ObservedTransport(transport, observer, () => this.#position)
      : transport;
    this.peer = new Peer(transport.remoteAddr, context);
    this.client = new ClientTimeouts(this);
    const { write } = this.client;
    this.output = new WriteBuffer(this.transport, write, timeouts.write);
    this.reader = new ByteReader(
      this.transport.readable,
      () => this.#beforeWait(),
    );
    this.#parser = new HeadParser(limits, context.lastSection);
  }

  /**
   * THE loop: one turn for each request, until one side ends it. Never rejects.
   * Most connections wait in its first line, where a suspended function costs
   * half a KiB, and more if it still holds its last request.
   */
  async run(): Promise<void> {
    const { reader, output } = this;
    try {
      if (this.context.proxyProtocol) await this.peer.introduce(reader);
      while (reader.hasMessage() || await reader.awaitMessage()) {
        if (!await this.#serveOne()) break;
        this.#rest();
        if (output.isFull) await output.flush();
        const turn = this.context.fairness.overdueTurn;
        if (turn) await turn;
      }
      // The new protocol has ended the connection, too.
      if (this.#state !== "upgraded") await this.#linger();
    } catch (error) {
      await this.#fail(error);
    } finally {
      this.close();
      this.context.onEnded();
    }
  }

  /** What is here already is not waited for. @returns whether another may follow. */
  async #serveOne(): Promise<boolean> {
    const exchange = this.#beginExchange();
    try {
      const head = this.reader.take(this.#parser) ?? await this.#readHead();
      this.#enterHead(exchange, head);
      let response = this.#ask(exchange);
      if (response instanceof Promise) response = await response;
      return this.#answerAtOnce(exchange, response) ??
        await this.#answer(exchange, response);
    } catch (error) {
      return await this.#refuse(exchange, error);
    } finally {
      this.#tell(exchange);
    }
  }

  async #fail(error: unknown): Promise<void> {
    // A mistake of the client, or its leaving, is not an error of the server.
    const isOurs = !(error instanceof ConnectionLost) &&
      !(error instanceof ProtocolError);
    if (isOutOfDescriptors(error)) this.context.onOutOfDescriptors(error);
    else if (isOurs && this.#state !== "closed") {
      tellError(error, this.#exchange?.request, this.context);
    }
    // Earlier answers of a pipeline are whole, whatever became of the last.
    await this.output.flush().catch(() => {});
  }

  #beginExchange(): CurrentExchange {
    this.#move("reading head");
    this.client.read.stop();
    this.headStart = this.reader.received - this.reader.buffered;
    const exchange = new CurrentExchange(this);
    if (this.context.onExchange) exchange.begin();
    this.#exchange = exchange;
    return exchange;
  }

  /** The rest of a head that is not all here yet. */
  #readHead(): Promise<RequestHead> {
    // A client that was to make room as an idle one may have begun just then.
    this.context.onRest?.();
    return this.reader.read(this.#parser);
  }

  #enterHead(exchange: CurrentExchange, head: RequestHead): void {
    this.client.read.stop();
    let content;
    if (head.framing.kind !== "none") {
      // RFC 9110 §10.1.1: no 100 to a client that has begun to send it.
      const isWaiting = head.expectsContinue && this.reader.buffered === 0;
      content = new IncomingContent(
        openContent(head.framing, this.reader, this.context.limits),
        this.client,
        isWaiting,
      );
    }
    exchange.enterHead(head, content);
    if (this.context.trustProxy) exchange.believe();
    this.#move("handling");
    this.#requests++;
  }

  /** Asks the handler. Returns a promise only where it must wait. */
  #ask(exchange: CurrentExchange): Response | Promise<Response> {
    const { handler, connect, limits, clientRequests } = this.context;
    const head = exchange.head!;
    try {
      const refusal = clientRequests?.refuse(exchange);
      if (refusal) return refusal;
      refuseUnmet(head, limits);
      const result = head.method === "CONNECT" && connect
        ? connect(head.rawTarget, exchange.info)
        : handler(exchange.makeRequest(this.context), exchange.info);
      if (isResponse(result)) return result;
      return this.#await(awaitResponse(result, "serve handler"), exchange);
    } catch (error) {
      return this.#answerTo(error, exchange);
    }
  }

  async #await(
    answering: Promise<Response>,
    exchange: CurrentExchange,
  ): Promise<Response> {
    try {
      const flushing = this.#whileWaiting(exchange);
      if (!flushing) return await answering;
      return (await Promise.all([answering, flushing]))[0];
    } catch (error) {
      // The client may already be gone, so a late response is dropped.
      answering.then((late) => late.body?.cancel(error)).catch(() => {});
      return await this.#answerTo(error, exchange);
    }
  }

  /**
   * Earlier answers must not wait for a handler, and a handler must not work
   * for a client that is gone.
   */
  #whileWaiting(exchange: CurrentExchange): Promise<void> | undefined {
    if (exchange.mayBeWatched) this.client.watch();
    return this.output.isIdle ? undefined : this.output.flush();
  }

  async #answerTo(
    thrown: unknown,
    exchange: CurrentExchange,
  ): Promise<Response> {
    // A handler may wrap what its reading threw, or throw because of it.
    const error = exchange.content?.failure ?? thrown;
    const { request, accept } = exchange;
    const whileWaiting = async () => await this.#whileWaiting(exchange);
    const failed = { request, accept, whileWaiting };
    const response = await answerTo(error, failed, this.context);
    exchange.error = error;
    if (isOutOfDescriptors(error)) this.context.onOutOfDescriptors(error);
    return response;
  }

  /** What is wrong with a head is answered as well; then no other may follow. */
  async #refuse(exchange: CurrentExchange, error: unknown): Promise<boolean> {
    exchange.error ??= error;
    if (this.#state !== "reading head") throw error;
    this.client.read.stop();
    exchange.enterPart(this.#parser);
    const { request, accept } = exchange;
    const response = await answerTo(error, { request, accept }, this.context);
    return await this.#send(exchange, response);
  }

  /** The short road; undefined, and nothing done, if it is not open. */
  #answerAtOnce(
    exchange: CurrentExchange,
    response: Response,
  ): boolean | undefined {
    const { content } = exchange;
    const isOpen = this.#state === "handling" && !exchange.wayOut &&
      (content === undefined || content.isSettled);
    if (!isOpen) return undefined;
    const { heads } = this.context;
    const mayFollow = answerAtOnce(response, exchange, this.output, heads);
    if (mayFollow === undefined) return undefined;
    this.#move("responding");
    content?.abandon();
    exchange.end();
    return mayFollow;
  }

  /** The long road. @returns whether another request may follow. */
  async #answer(
    exchange: CurrentExchange,
    response: Response,
  ): Promise<boolean> {
    const { content } = exchange;
    let mayFollow = true;
    try {
      const wayOut = exchange.wayOutBy(response);
      if (wayOut) return await this.#goOver(exchange, wayOut, response);
      mayFollow = await this.#send(exchange, response);
      exchange.end();
      if (exchange.isRead || !mayFollow) return mayFollow;
      return await this.#drain(content!);
    } catch (error) {
      exchange.end(error ?? new Error("The body failed"));
      throw error;
    } finally {
      // After the last answer its handler may read on, as long as we linger.
      if (mayFollow) await content?.abandon();
    }
  }

  /** Sends what may not be here yet. @returns whether another may follow. */
  async #send(exchange: CurrentExchange, response: Response): Promise<boolean> {
    exchange.beginAnswer();
    const answer = await openAnswer(response, exchange, this.context);
    if (answer.error !== undefined) exchange.error = answer.error;
    if (this.#state === "closed") answer.body.cancel();
    this.#move("responding");
    this.#body = answer.body;
    const mayFollow = await answerInParts(
      answer,
      exchange,
      this.output,
      async () => await this.#whileWaiting(exchange),
    );
    this.#body = undefined;
    return mayFollow;
  }

  /** Leaves HTTP until the new protocol has ended in both directions. */
  async #goOver(
    exchange: CurrentExchange,
    wayOut: WayOut,
    response: Response,
  ): Promise<boolean> {
    this.#move("responding");
    exchange.status = response.status;
    this.output.gatherText(wayOut.headOf(response));
    await this.output.flush();
    exchange.end();
    this.#move("upgraded");
    this.client.read.stop();
    await wayOut.open(this);
    return false;
  }

  /** Reads what the handler left of the content, or finds that it is too much. */
  async #drain(content: IncomingContent): Promise<boolean> {
    await content.outlast();
    this.#move("draining");
    this.context.onRest?.();
    await this.output.flush();
    try {
      return await content.discard(this.context.limits.discarded);
    } catch (error) {
      // The answer is out: a second one would belong to no request.
      if (error instanceof ProtocolError) return false;
      throw error;
    }
  }

  #tell(exchange: CurrentExchange): void {
    const { onExchange } = this.context;
    if (!onExchange) return;
    exchange.completeRecord();
    quietly(() => onExchange(exchange), exchange.request);
  }

  /** All is done: another request may follow. */
  #rest(): void {
    this.#exchange = undefined;
    this.#move("idle");
    this.context.onRest?.();
  }

  /** Sends FIN at once; waits for the client's where there is need to. */
  async #linger(): Promise<void> {
    await this.output.flush();
    // No octet will come that could reset it before the client has its answer.
    const isAllSaid = this.#exchange?.isLastWord && this.reader.buffered === 0;
    const content = this.#exchange?.content;
    this.#exchange = undefined;
    if (isAllSaid && this.transport.finish?.()) return;
    this.#move("lingering");
    this.context.onRest?.();
    await this.output.end();
    await content?.outlast();
    await content?.abandon();
    this.client.read.start(LINGER);
    while (await this.reader.readSome(Infinity));
  }

  /** Before a wait for the client, flushes the output and starts a clock. */
  #beforeWait(): Promise<void> | void {
    if (this.output.isIdle) this.client.startWait();
    else return this.output.flush().then(() => this.client.startWait());
  }

  // What its state is, and how it ends.

  get state(): ConnectionState {
    return this.#state;
  }

  /** RFC 9110 §15.2: a client of HTTP/1.0 does not know interim responses. */
  get takesInterim(): boolean {
    return this.#state === "handling" && this.#exchange!.minorVersion > 0;
  }

  /** The number of the move to this state: the lower, the longer ago. */
  get since(): number {
    return this.#since;
  }

  /** Throws a ConnectionLost if the connection was closed in the meantime. */
  #move(to: ConnectionState): void {
    if (this.#state === "closed") throw new ConnectionLost("It was closed");
    if (!moves[this.#state].includes(to)) {
      throw new Error(`Cannot move from ${this.#state} to ${to}`);
    }
    this.#state = to;
    this.#since = ++count;
    this.#observer?.moved(to, this.#position);
  }

  get #position(): Position {
    const { received, buffered } = this.reader;
    return { received: received - buffered, sent: this.output.gathered };
  }

  /** Lets what it has gone over to end by itself, if that can. */
  leave(patience?: number): boolean {
    return this.#exchange?.wayOut?.leave?.(patience) ?? false;
  }

  /** Ends the connection at once, in any state, and waits for no handler. */
  close(): void {
    const before = this.#state;
    if (before === "closed" || this.leave(0)) return;
    this.#move("closed");
    this.transport.close();
    this.client.release();
    if (before === "handling" || before === "responding") {
      this.#exchange?.abort(new ConnectionLost("The client is gone"));
    }
    this.#body?.cancel();
    // Usually nothing waits for the reason, and an Error costs more than the rest.
    if (this.#body || !this.output.isIdle) {
      this.output.abandon(new ConnectionLost("The connection was closed"));
    }
    this.context.onClosed(this);
  }

  /** Lets the connection keep the process alive, which it does by default. */
  ref(): void {
    this.transport.ref?.();
  }

  /** Lets the process end although there is a connection. */
  unref(): void {
    this.transport.unref?.();
  }

  mayGoOn({ method, content }: CurrentExchange): boolean {
    const { limits } = this.context;
    return !this.context.isDraining && method !== "CONNECT" &&
      this.#requests < limits.requests &&
      (content?.mayBeDiscarded(limits.discarded) ?? true);
  }
}
