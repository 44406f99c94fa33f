/**
 * One connection, from its first octet to its last.
 *
 * In: a `Transport`. Out: for each request a call of the handler, and its
 * answer. This is the loop that a request goes through from top to bottom; the
 * parts that it joins know nothing of each other.
 *
 * @module
 */
import { ConnectionLost, ProtocolError } from "../errors.ts";
import type { Timeouts } from "../limits.ts";
import { ByteReader } from "../wire/byte_reader.ts";
import { requestFraming } from "../wire/message_framing.ts";
import { mayPersist } from "../wire/persistence.ts";
import { openContent } from "../wire/request_content.ts";
import {
  readRequestHead,
  readRequestLine,
  type RequestHead,
  type RequestLine,
} from "../wire/request_head.ts";
import { CONTINUE } from "../wire/response_message.ts";
import {
  type Deadline,
  type Deadlines,
  isTooSlow,
  PATIENCE,
} from "./deadlines.ts";
import { askHandler, type HandlerContext } from "./ask_handler.ts";
import type { Body } from "./body.ts";
import { ConnectionState } from "./connection_state.ts";
import { answerTo, logError } from "./error_response.ts";
import { ClientWatch } from "./client_watch.ts";
import { type Exchange, recordFields, recordLine } from "./exchange.ts";
import { IncomingContent } from "./incoming_content.ts";
import type { Fairness } from "./fairness.ts";
import { Outbox } from "./outbox.ts";
import { report } from "./report.ts";
import type { Transport } from "./socket.ts";
import { ExchangeInfo } from "./exchange_info.ts";
import {
  type Asked,
  type PreparedResponse,
  prepareResponse,
  sendResponse,
} from "./web_response.ts";

/** What all connections of a server share. */
export interface ConnectionContext extends HandlerContext {
  timeouts: Timeouts;
  deadlines: Deadlines;
  fairness: Fairness;
  /** Whether the server takes no more requests. */
  isShuttingDown: () => boolean;
  /** Told of each exchange when it is over. */
  onExchange: (exchange: Exchange) => void;
  /** Told when a connection has no request at work. */
  onRest: () => void;
}

/**
 * How long (ms) the client's octets are still read after our last. To close at
 * once would reset the connection, and destroy an answer that is on its way to
 * a client that is still sending (RFC 9112 §9.6).
 */
const LINGER = 5000;

/** Serves the requests of one connection, one after the other. */
export class Connection {
  /** What it is at, and since when. */
  readonly state: ConnectionState;
  #transport: Transport;
  #context: ConnectionContext;
  #reader: ByteReader;
  #outbox: Outbox;
  #watch: ClientWatch;
  #readDeadline: Deadline;
  #writeDeadline: Deadline;
  #closed = Promise.withResolvers<void>();
  #body: Body | undefined;
  #headStart = 0;
  #requests = 0;

  constructor(transport: Transport, context: ConnectionContext) {
    const { deadlines, timeouts } = context;
    this.#transport = transport;
    this.#context = context;
    this.state = new ConnectionState(deadlines.now);
    this.#readDeadline = deadlines.create(() => this.#readTimedOut());
    this.#writeDeadline = deadlines.create(() => this.close());
    this.#outbox = new Outbox(transport, this.#writeDeadline, timeouts.write);
    this.#reader = new ByteReader(
      transport.readable,
      () => this.#beforeWait(),
    );
    this.#watch = new ClientWatch({
      reader: this.#reader,
      outbox: this.#outbox,
      readDeadline: this.#readDeadline,
      patience: timeouts.idle,
      onGone: () => this.close(),
    });
  }

  /** Whether the client has sent FIN, and may be gone. */
  get isHalfClosed(): boolean {
    return this.#watch.isHalfClosed;
  }

  /** Serves until one side has had enough. Never rejects. */
  async run(): Promise<void> {
    try {
      await Promise.race([this.#serve(), this.#closed.promise]);
    } catch (error) {
      // What the client did wrong, or that it left, is no error of ours.
      const isOurs = !(error instanceof ConnectionLost) &&
        !(error instanceof ProtocolError);
      if (isOurs) report(error);
      // Earlier answers of a pipeline are whole, whatever became of the last.
      await this.#outbox.flush().catch(() => {});
    } finally {
      this.close();
      this.#readDeadline.release();
      this.#writeDeadline.release();
    }
  }

  async #serve(): Promise<void> {
    while (await this.#serveRequest()) {
      await this.#context.fairness.overdueTurn;
    }
    await this.#linger();
  }

  /** Gives up a connection that has no request at work, or no client. */
  evict(): void {
    const { name } = this.state;
    const isReading = name === "idle" || name === "reading head" ||
      name === "draining";
    // A client that takes no answer can't be told anything either.
    if (!isReading || this.#outbox.isWriting) this.close();
    else this.#reader.interrupt(new ConnectionLost("It was given up"));
  }

  /** Ends it at once, whatever it is at; a handler at work is not waited for. */
  close(): void {
    if (this.state.name === "closed") return;
    this.state.move("closed");
    this.#transport.close();
    const reason = new ConnectionLost("The connection was closed");
    this.#body?.cancel(reason);
    this.#outbox.abandon(reason);
    this.#closed.resolve();
  }

  /** Serves one request. @returns whether another may follow. */
  async #serveRequest(): Promise<boolean> {
    if (!await this.#reader.awaitMessage()) return false;
    this.state.move("reading head");
    const exchange: Exchange = {
      remoteAddr: this.#transport.remoteAddr,
      received: 0,
      sent: 0,
      started: Date.now(),
      duration: 0,
    };
    const from = this.state.since;
    try {
      return await this.#answer(exchange);
    } catch (error) {
      exchange.error ??= error;
      throw error;
    } finally {
      exchange.duration = this.#context.deadlines.now() - from;
      this.#tell(exchange);
    }
  }

  #tell(exchange: Exchange): void {
    try {
      this.#context.onExchange(exchange);
    } catch (error) {
      report(error);
    }
  }

  /** From head to answer. What is wrong with the head is answered as well. */
  async #answer(exchange: Exchange): Promise<boolean> {
    let line: RequestLine | undefined;
    let head: RequestHead | undefined;
    this.#startHeadClock();
    try {
      line = await readRequestLine(this.#reader, this.#context.limits);
      recordLine(exchange, line);
      head = await readRequestHead(line, this.#reader, this.#context.limits);
      recordFields(exchange, head);
      this.#readDeadline.stop();
      return await this.#exchange(head, this.#openContent(head), exchange);
    } catch (error) {
      if (this.state.name !== "reading head") throw error;
      this.#readDeadline.stop();
      exchange.error = error;
      const accept = head?.fields.get("accept") ?? null;
      const response = await answerTo(error, accept, this.#context);
      // RFC 9112 §6.1: who is not known to speak 1.1 gets no chunks.
      const { method = "GET", minorVersion = 0 } = line ?? {};
      return await this.#respond(response, {
        method,
        minorVersion,
        isWaiting: false,
        mayPersist: () => false,
        whileWaiting: () => this.#outbox.flush(),
      }, exchange);
    }
  }

  async #exchange(
    head: RequestHead,
    content: IncomingContent,
    exchange: Exchange,
  ): Promise<boolean> {
    this.state.move("handling");
    this.#requests++;
    const info = new ExchangeInfo(head.rawTarget, this.#transport);
    try {
      const { response, error } = await askHandler(
        { head, content, info },
        this.#context,
        () => this.#whileWaiting(content),
      );
      if (error) exchange.error = error;
      const mayFollow = await this.#respond(response, {
        method: head.method,
        minorVersion: head.minorVersion,
        isWaiting: content.isWaiting,
        mayPersist: () =>
          !(error instanceof ProtocolError) && this.#mayPersist(head, content),
        whileWaiting: () => this.#whileWaiting(content),
      }, exchange);
      this.#outbox.afterFlush((error) => info.complete(error));
      return mayFollow && await this.#drain(content);
    } catch (error) {
      info.complete(error ?? new Error("The body failed"));
      throw error;
    } finally {
      await content.abandon();
      exchange.received = content.received;
    }
  }

  /** Earlier answers must not wait for a handler, nor a handler for nobody. */
  #whileWaiting(content: IncomingContent): Promise<void> {
    if (content.ended) this.#watch.start();
    return this.#outbox.flush();
  }

  #startHeadClock(): void {
    this.#headStart = this.#reader.received - this.#reader.buffered;
    this.#readDeadline.start(Math.min(this.#context.timeouts.head, PATIENCE));
  }

  #openContent(head: RequestHead): IncomingContent {
    const { limits, timeouts, deadlines } = this.#context;
    const framing = requestFraming(head);
    const content = openContent(framing, this.#reader, limits);
    // RFC 9110 §10.1.1: no 100 to HTTP/1.0, nor to who has begun to send.
    const isWaiting = head.minorVersion > 0 && !content.ended &&
      this.#reader.buffered === 0 &&
      head.fields.tokens("expect").includes("100-continue");
    return new IncomingContent(content, {
      deadlines,
      timeouts,
      readDeadline: this.#readDeadline,
      flush: () => this.#outbox.flush(),
      interrupt: (reason) => this.#reader.interrupt(reason),
      onEnd: () => this.#watchHandler(),
      invite: isWaiting ? () => this.#inviteContent() : undefined,
    });
  }

  /** From here on only the handler is waited for. */
  #watchHandler(): void {
    const { name } = this.state;
    if (name === "handling" || name === "responding") this.#watch.start();
  }

  async #inviteContent(): Promise<void> {
    if (this.state.name !== "handling") return;
    this.#outbox.gather(CONTINUE);
    await this.#outbox.flush();
  }

  #mayPersist(head: RequestHead, content: IncomingContent): boolean {
    const { limits, isShuttingDown } = this.#context;
    return mayPersist(head) && !isShuttingDown() &&
      head.method !== "CONNECT" && this.#requests < limits.requests &&
      content.mayBeDiscarded(limits.discarded);
  }

  /** @returns whether another request may follow. */
  async #respond(
    response: Response,
    asked: Asked,
    exchange: Exchange,
  ): Promise<boolean> {
    const prepared = await this.#prepare(response, asked, exchange);
    if (this.state.name === "closed") prepared.body.cancel();
    this.state.move("responding");
    this.#body = prepared.body;
    exchange.status = prepared.status;
    await sendResponse(prepared, this.#outbox, exchange, asked.whileWaiting);
    return prepared.persist;
  }

  /** A response that can't be sent becomes one that can. */
  async #prepare(
    response: Response,
    asked: Asked,
    exchange: Exchange,
  ): Promise<PreparedResponse> {
    try {
      return await prepareResponse(response, asked);
    } catch (error) {
      exchange.error = error;
      const apology = await answerTo(error, null, this.#context);
      return await prepareResponse(apology, asked)
        .catch((failure) => prepareResponse(logError(failure), asked));
    }
  }

  /** Reads what the handler left of the content, or finds that it is too much. */
  async #drain(content: IncomingContent): Promise<boolean> {
    if (!content.ended) {
      this.state.move("draining");
      this.#context.onRest();
      const { discarded } = this.#context.limits;
      await this.#outbox.flush();
      try {
        if (!await content.discard(discarded)) return false;
      } catch (error) {
        // The answer is out: a second one would belong to no request.
        if (error instanceof ProtocolError) return false;
        throw error;
      }
    }
    this.state.move("idle");
    this.#context.onRest();
    return true;
  }

  /** Sends FIN at once, then waits for the client's. */
  async #linger(): Promise<void> {
    await this.#outbox.flush();
    this.state.move("lingering");
    this.#context.onRest();
    try {
      await this.#transport.closeWrite();
    } catch (cause) {
      throw new ConnectionLost("The client is gone", { cause });
    }
    this.#readDeadline.start(LINGER);
    while (await this.#reader.readSome(Infinity));
  }

  async #beforeWait(): Promise<void> {
    await this.#outbox.flush();
    if (this.state.name !== "idle") return;
    if (this.#context.isShuttingDown()) {
      throw new ConnectionLost("The server shuts down");
    }
    this.#readDeadline.start(this.#context.timeouts.idle);
  }

  /** What to do about a client that is too slow depends on what it owes. */
  #readTimedOut(): void {
    switch (this.state.name) {
      case "reading head":
        return this.#headTimedOut();
      case "handling":
      case "responding":
        if (this.isHalfClosed) return this.#watch.timedOut();
        return this.#reader.interrupt(
          new ProtocolError(408, "The request content came too slowly"),
        );
      case "lingering":
        return this.close();
      default:
        this.#reader.interrupt(new ConnectionLost("Nothing came in time"));
    }
  }

  /** A head may take its time while it comes fast enough. */
  #headTimedOut(): void {
    const { timeouts, deadlines } = this.#context;
    const waited = deadlines.now() - this.state.since;
    const octets = this.#reader.received - this.#headStart;
    if (waited < timeouts.head && !isTooSlow(octets, waited, timeouts.rate)) {
      return this.#readDeadline.start(Math.min(1000, timeouts.head - waited));
    }
    this.#reader.interrupt(
      new ProtocolError(408, "The request head came too slowly"),
    );
  }
}
