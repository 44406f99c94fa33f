/**
 * One request after the other, each from its head to its answer.
 *
 * In: the parts of a connection. Out: for each request a call of the handler,
 * and its answer. This is the way that a request goes, from top to bottom; the
 * parts that it joins know nothing of each other.
 *
 * @module
 */
import { ProtocolError } from "../errors.ts";
import type { Timeouts } from "../limits.ts";
import type { ByteReader } from "../wire/byte_reader.ts";
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
import { askHandler, type HandlerContext } from "./ask_handler.ts";
import type { Body } from "./body.ts";
import type { ClientWatch } from "./client_watch.ts";
import type { ConnectionState } from "./connection_state.ts";
import { type Deadline, type Deadlines, PATIENCE } from "./deadlines.ts";
import { answerTo } from "./error_response.ts";
import {
  beginRecord,
  type Exchange,
  recordFields,
  recordLine,
} from "./exchange.ts";
import { ExchangeInfo } from "./exchange_info.ts";
import { IncomingContent } from "./incoming_content.ts";
import type { Outbox } from "./outbox.ts";
import { report } from "./report.ts";
import type { Transport } from "./socket.ts";
import {
  type Asked,
  prepareOrApologize,
  sendResponse,
} from "./web_response.ts";

/** What the requests of all connections of a server share. */
export interface CycleContext extends HandlerContext {
  timeouts: Timeouts;
  deadlines: Deadlines;
  /** Whether the server takes no more requests. */
  isShuttingDown: () => boolean;
  /** Told of each exchange when it is over. */
  onExchange: (exchange: Exchange) => void;
  /** Told when a connection has no request at work. */
  onRest: () => void;
}

/** What the requests of one connection share. */
export interface CycleParts {
  context: CycleContext;
  transport: Transport;
  state: ConnectionState;
  reader: ByteReader;
  outbox: Outbox;
  watch: ClientWatch;
  readDeadline: Deadline;
}

/** Serves the requests of one connection. */
export class RequestCycle {
  #parts: CycleParts;
  #requests = 0;
  /** What is being sent, to be let go of when the connection is closed. */
  body: Body | undefined;
  /** How many octets had come in all when the head began. */
  headStart = 0;

  constructor(parts: CycleParts) {
    this.#parts = parts;
  }

  /** Serves one request. @returns whether another may follow. */
  async serve(): Promise<boolean> {
    if (!await this.#parts.reader.awaitMessage()) return false;
    this.#parts.state.move("reading head");
    const exchange = beginRecord(this.#parts.transport.remoteAddr);
    const from = this.#parts.state.since;
    try {
      return await this.#answer(exchange);
    } catch (error) {
      exchange.error ??= error;
      throw error;
    } finally {
      exchange.duration = this.#parts.context.deadlines.now() - from;
      this.#tell(exchange);
    }
  }

  #tell(exchange: Exchange): void {
    try {
      this.#parts.context.onExchange(exchange);
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
      line = await readRequestLine(
        this.#parts.reader,
        this.#parts.context.limits,
      );
      recordLine(exchange, line);
      head = await readRequestHead(
        line,
        this.#parts.reader,
        this.#parts.context.limits,
      );
      recordFields(exchange, head);
      this.#parts.readDeadline.stop();
      return await this.#exchange(head, this.#openContent(head), exchange);
    } catch (error) {
      if (this.#parts.state.name !== "reading head") throw error;
      this.#parts.readDeadline.stop();
      exchange.error = error;
      const accept = head?.fields.get("accept") ?? null;
      const response = await answerTo(error, accept, this.#parts.context);
      // RFC 9112 §6.1: who is not known to speak 1.1 gets no chunks.
      const { method = "GET", minorVersion = 0 } = line ?? {};
      return await this.#respond(response, {
        method,
        minorVersion,
        isWaiting: false,
        mayPersist: () => false,
        whileWaiting: () => this.#parts.outbox.flush(),
      }, exchange);
    }
  }

  async #exchange(
    head: RequestHead,
    content: IncomingContent,
    exchange: Exchange,
  ): Promise<boolean> {
    this.#parts.state.move("handling");
    this.#requests++;
    const { transport, outbox } = this.#parts;
    const info = new ExchangeInfo(head, { transport, content, outbox });
    try {
      const { response, error } = await askHandler(
        { head, content, info },
        this.#parts.context,
        () => this.#whileWaiting(content),
      );
      if (error) exchange.error = error;
      info.isAnswered = true;
      const mayFollow = await this.#respond(response, {
        method: head.method,
        minorVersion: head.minorVersion,
        isWaiting: content.isWaiting,
        mayPersist: () =>
          !(error instanceof ProtocolError) && this.#mayPersist(head, content),
        whileWaiting: () => this.#whileWaiting(content),
        trailers: error ? undefined : info.trailers,
      }, exchange);
      outbox.afterFlush((error) => info.complete(error));
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
    if (content.ended) this.#parts.watch.start();
    return this.#parts.outbox.flush();
  }

  #startHeadClock(): void {
    this.headStart = this.#parts.reader.received - this.#parts.reader.buffered;
    this.#parts.readDeadline.start(
      Math.min(this.#parts.context.timeouts.head, PATIENCE),
    );
  }

  #openContent(head: RequestHead): IncomingContent {
    const { limits, timeouts, deadlines } = this.#parts.context;
    const framing = requestFraming(head);
    const content = openContent(framing, this.#parts.reader, limits);
    // RFC 9110 §10.1.1: no 100 to HTTP/1.0, nor to who has begun to send.
    const isWaiting = head.minorVersion > 0 && !content.ended &&
      this.#parts.reader.buffered === 0 &&
      head.fields.tokens("expect").includes("100-continue");
    return new IncomingContent(content, {
      deadlines,
      timeouts,
      readDeadline: this.#parts.readDeadline,
      flush: () => this.#parts.outbox.flush(),
      interrupt: (reason) => this.#parts.reader.interrupt(reason),
      onEnd: () => this.#watchHandler(),
      invite: isWaiting ? () => this.#inviteContent() : undefined,
    });
  }

  /** From here on only the handler is waited for. */
  #watchHandler(): void {
    const { name } = this.#parts.state;
    if (name === "handling" || name === "responding") this.#parts.watch.start();
  }

  async #inviteContent(): Promise<void> {
    if (this.#parts.state.name !== "handling") return;
    this.#parts.outbox.gather(CONTINUE);
    await this.#parts.outbox.flush();
  }

  #mayPersist(head: RequestHead, content: IncomingContent): boolean {
    const { limits, isShuttingDown } = this.#parts.context;
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
    const { prepared, error } = await prepareOrApologize(
      response,
      asked,
      this.#parts.context,
    );
    if (error) exchange.error = error;
    if (this.#parts.state.name === "closed") prepared.body.cancel();
    this.#parts.state.move("responding");
    this.body = prepared.body;
    exchange.status = prepared.status;
    await sendResponse(
      prepared,
      this.#parts.outbox,
      exchange,
      asked.whileWaiting,
    );
    return prepared.persist;
  }

  /** Reads what the handler left of the content, or finds that it is too much. */
  async #drain(content: IncomingContent): Promise<boolean> {
    if (!content.ended) {
      this.#parts.state.move("draining");
      this.#parts.context.onRest();
      const { discarded } = this.#parts.context.limits;
      await this.#parts.outbox.flush();
      try {
        if (!await content.discard(discarded)) return false;
      } catch (error) {
        // The answer is out: a second one would belong to no request.
        if (error instanceof ProtocolError) return false;
        throw error;
      }
    }
    this.#parts.state.move("idle");
    this.#parts.context.onRest();
    return true;
  }
}
