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
  takeRequestHead,
  takeRequestLine,
} from "../wire/request_head.ts";
import { CONTINUE } from "../wire/response_message.ts";
import { askHandler, type HandlerContext } from "./ask_handler.ts";
import type { Body } from "./body.ts";
import type { ClientWatch } from "./client_watch.ts";
import type { ConnectionState } from "./connection_state.ts";
import type { Deadline, Deadlines } from "./deadlines.ts";
import { answerTo } from "./error_response.ts";
import {
  beginRecord,
  type Exchange,
  recordFields,
  recordLine,
} from "./exchange.ts";
import { ExchangeInfo } from "./exchange_info.ts";
import { type Guard, IncomingContent } from "./incoming_content.ts";
import type { Outbox } from "./outbox.ts";
import { report } from "./report.ts";
import { sendAtOnce, sendResponse } from "./send_response.ts";
import type { Transport } from "./socket.ts";
import { type Asked, prepareOrApologize } from "./web_response.ts";

/** What the requests of all connections of a server share. */
export interface CycleContext extends HandlerContext {
  timeouts: Timeouts;
  deadlines: Deadlines;
  /** Whether the server takes no more requests. */
  isShuttingDown: () => boolean;
  /** Told of each exchange when it is over. */
  onExchange?: (exchange: Exchange) => void;
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
  #guard: Guard;
  #requests = 0;
  /** What is being sent, to be let go of when the connection is closed. */
  body: Body | undefined;
  /** How many octets had come in all when the head began. */
  headStart = 0;

  constructor(parts: CycleParts) {
    const { context, reader, outbox, readDeadline } = parts;
    this.#parts = parts;
    this.#guard = {
      deadlines: context.deadlines,
      timeouts: context.timeouts,
      readDeadline,
      flush: () => outbox.flush(),
      interrupt: (reason) => reader.interrupt(reason),
      onEnd: () => this.#watchHandler(),
      invite: () => this.#inviteContent(),
    };
  }

  /** Serves one request. @returns whether another may follow. */
  async serve(): Promise<boolean> {
    const { reader, state, readDeadline, transport, context } = this.#parts;
    if (!await reader.awaitMessage()) return false;
    state.move("reading head");
    readDeadline.stop();
    this.headStart = reader.received - reader.buffered;
    const exchange = beginRecord(transport.remoteAddr);
    if (!context.onExchange) return await this.#answer(exchange);
    const from = context.deadlines.now();
    exchange.started = Date.now();
    try {
      return await this.#answer(exchange);
    } catch (error) {
      exchange.error ??= error;
      throw error;
    } finally {
      exchange.duration = context.deadlines.now() - from;
      tell(context.onExchange, exchange);
    }
  }

  /** From head to answer. What is wrong with the head is answered as well. */
  async #answer(exchange: Exchange): Promise<boolean> {
    const { reader, state, readDeadline, context } = this.#parts;
    const { limits } = context;
    let line: RequestLine | undefined;
    let head: RequestHead | undefined;
    try {
      // Most often all is here at once, and nothing has to be waited for.
      line = takeRequestLine(reader, limits) ??
        await readRequestLine(reader, limits);
      recordLine(exchange, line);
      head = takeRequestHead(line, reader, limits) ??
        await readRequestHead(line, reader, limits);
      if (context.onExchange) recordFields(exchange, head);
      readDeadline.stop();
      return await this.#exchange(head, this.#openContent(head), exchange);
    } catch (error) {
      if (state.name !== "reading head") throw error;
      readDeadline.stop();
      exchange.error = error;
      return await this.#refuse(error, exchange, line, head);
    }
  }

  async #refuse(
    error: unknown,
    exchange: Exchange,
    line: RequestLine | undefined,
    head: RequestHead | undefined,
  ): Promise<boolean> {
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

  async #exchange(
    head: RequestHead,
    content: IncomingContent,
    exchange: Exchange,
  ): Promise<boolean> {
    const { state, transport, outbox, context } = this.#parts;
    state.move("handling");
    this.#requests++;
    const info = new ExchangeInfo(head, { transport, content, outbox });
    const whileWaiting = () => this.#whileWaiting(content);
    try {
      const asked = askHandler({ head, content, info }, context, whileWaiting);
      const { response, error } = asked instanceof Promise
        ? await asked
        : asked;
      if (error) exchange.error = error;
      info.isAnswered = true;
      const mayFollow = await this.#respond(response, {
        method: head.method,
        minorVersion: head.minorVersion,
        isWaiting: content.isWaiting,
        mayPersist: () =>
          !(error instanceof ProtocolError) && this.#mayPersist(head, content),
        whileWaiting,
        trailers: error ? undefined : info.trailers,
      }, exchange);
      outbox.afterFlush(info);
      return mayFollow &&
        (content.ended ? this.#rest() : await this.#drain(content));
    } catch (error) {
      info.complete(error ?? new Error("The body failed"));
      throw error;
    } finally {
      const lastRead = content.abandon();
      if (lastRead) await lastRead;
      exchange.received = content.received;
    }
  }

  /** Earlier answers must not wait for a handler, nor a handler for nobody. */
  #whileWaiting(content: IncomingContent): Promise<void> {
    if (content.ended) this.#parts.watch.start();
    return this.#parts.outbox.flush();
  }

  #openContent(head: RequestHead): IncomingContent {
    const { context, reader } = this.#parts;
    const framing = requestFraming(head);
    const content = openContent(framing, reader, context.limits);
    // RFC 9110 §10.1.1: no 100 to HTTP/1.0, nor to who has begun to send.
    const isWaiting = !content.ended && head.minorVersion > 0 &&
      reader.buffered === 0 &&
      head.fields.tokens("expect").includes("100-continue");
    return new IncomingContent(content, this.#guard, isWaiting);
  }

  /** From here on only the handler is waited for. */
  #watchHandler(): void {
    const { name } = this.#parts.state;
    if (name === "handling" || name === "responding") this.#parts.watch.start();
  }

  async #inviteContent(): Promise<void> {
    if (this.#parts.state.name !== "handling") return;
    this.#parts.outbox.gatherText(CONTINUE);
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
    const { state, outbox, context } = this.#parts;
    const preparing = prepareOrApologize(response, asked, context);
    const { prepared, error } = preparing instanceof Promise
      ? await preparing
      : preparing;
    if (error) exchange.error = error;
    if (state.name === "closed") prepared.body.cancel();
    state.move("responding");
    this.body = prepared.body;
    exchange.status = prepared.status;
    if (!sendAtOnce(prepared, outbox, exchange)) {
      await sendResponse(prepared, outbox, exchange, asked.whileWaiting);
    }
    this.body = undefined;
    if (outbox.isFull) await outbox.flush();
    return prepared.persist;
  }

  /** Reads what the handler left of the content, or finds that it is too much. */
  async #drain(content: IncomingContent): Promise<boolean> {
    const { state, outbox, context } = this.#parts;
    state.move("draining");
    context.onRest();
    await outbox.flush();
    try {
      if (!await content.discard(context.limits.discarded)) return false;
    } catch (error) {
      // The answer is out: a second one would belong to no request.
      if (error instanceof ProtocolError) return false;
      throw error;
    }
    return this.#rest();
  }

  /** All is done: another request may follow. */
  #rest(): true {
    this.#parts.state.move("idle");
    this.#parts.context.onRest();
    return true;
  }
}

function tell(
  onExchange: (exchange: Exchange) => void,
  exchange: Exchange,
): void {
  try {
    onExchange(exchange);
  } catch (error) {
    report(error);
  }
}
