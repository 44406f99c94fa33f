/**
 * One request after the other, each from its head to its answer.
 *
 * In: the parts of a connection. Out: for each request a call of the handler,
 * and its answer. This is the way that a request goes, from top to bottom; the
 * parts that it joins know nothing of each other.
 *
 * @module
 */
import { ConnectionLost, ProtocolError } from "../errors.ts";
import type { Timeouts } from "../limits.ts";
import type { BufferBudget } from "../transfer_buffer.ts";
import type { ByteReader } from "../wire/byte_reader.ts";
import type { LastSection } from "../wire/last_section.ts";
import { openContent } from "../wire/request_content.ts";
import { HeadParser, type RequestHead } from "../wire/request_head.ts";
import { CONTINUE } from "../wire/response_message.ts";
import {
  type Answer,
  answerAtOnce,
  type Answered,
  answerInParts,
  openAnswer,
} from "./answer.ts";
import type { AnswerHeads } from "./answer_head.ts";
import {
  askHandler,
  type Asking,
  type HandlerAnswer,
  type HandlerContext,
} from "./ask_handler.ts";
import type { ClientWatch } from "./client_watch.ts";
import type { ConnectionState } from "./connection_state.ts";
import type { Deadline, Deadlines } from "./deadlines.ts";
import { isOutOfDescriptors } from "./descriptors.ts";
import { answerTo } from "./error_response.ts";
import { beginRecord, type Begun, type Exchange, record } from "./exchange.ts";
import { ExchangeInfo } from "./exchange_info.ts";
import { type Guard, IncomingContent } from "./incoming_content.ts";
import type { RequestName } from "./report.ts";
import type { Body } from "./response_body.ts";
import type { Transport } from "./socket.ts";
import type { Upgrade } from "./upgrade.ts";
import type { WriteBuffer } from "./write_buffer.ts";

/** What the requests of all connections of a server share. */
export interface CycleContext extends HandlerContext {
  /** The fields of the request that came last, on whichever connection. */
  lastSection: LastSection;
  /** The heads of answers that went out lately. */
  heads: AnswerHeads;
  timeouts: Timeouts;
  deadlines: Deadlines;
  budget: BufferBudget;
  /** Whether the server takes no more requests. */
  isShuttingDown: () => boolean;
  /** Told of each exchange when it is over. */
  onExchange?: (exchange: Exchange) => void;
  /** Told when a connection has no request at work. */
  onRest: () => void;
  /** Told of what failed for want of file descriptors. */
  onOutOfDescriptors: (error: unknown) => void;
}

/** What the requests of one connection share. */
export interface CycleParts {
  context: CycleContext;
  transport: Transport;
  state: ConnectionState;
  reader: ByteReader;
  outbox: WriteBuffer;
  watch: ClientWatch;
  readDeadline: Deadline;
}

/** A request at work. */
interface Work extends Asking {
  exchange: Exchange;
}

/** What is to be done once the handler has answered. */
interface Ready {
  response: Response;
  answered: Answered;
  /** What the connection becomes, if no longer one of HTTP. */
  upgrade: Upgrade | undefined;
}

/** Serves the requests of one connection. */
export class RequestCycle {
  #parts: CycleParts;
  #parser: HeadParser;
  #guard: Guard;
  #requests = 0;
  /** What is being sent, to be let go of when the connection is closed. */
  body: Body | undefined;
  /** Of the request that is at work. */
  #info: ExchangeInfo | undefined;
  /** The one that is at work, for a report of what went wrong. */
  request: RequestName | undefined;
  /** How many octets had come in all when the head began. */
  headStart = 0;

  constructor(parts: CycleParts) {
    const { context, reader, outbox, readDeadline } = parts;
    this.#parts = parts;
    this.#parser = new HeadParser(context.limits, context.lastSection);
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

  /**
   * Serves the request that the reader has come to. A promise only where something has to be waited for: to
   * wait for nothing would cost as much as all else that a small request needs.
   *
   * @returns whether another may follow.
   */
  serve(): boolean | Promise<boolean> {
    const { reader, state, readDeadline, transport, context } = this.#parts;
    state.move("reading head");
    readDeadline.stop();
    this.headStart = reader.received - reader.buffered;
    const begun: Begun = { exchange: beginRecord(transport.remoteAddr) };
    return context.onExchange
      ? record(begun, context.onExchange, () => this.#answer(begun))
      : this.#answer(begun);
  }

  /** From head to answer. What is wrong with the head is answered as well. */
  #answer(begun: Begun): boolean | Promise<boolean> {
    try {
      const head = this.#parts.reader.take(this.#parser);
      if (head) return this.#exchange(head, begun);
    } catch (error) {
      return this.#refuse(error, begun);
    }
    return this.#answerLater(begun);
  }

  /** The same, where not all of the head is here yet. */
  async #answerLater(begun: Begun): Promise<boolean> {
    const { reader, context } = this.#parts;
    // Who was to make room as an idle one may have begun just then.
    context.onRest();
    try {
      return await this.#exchange(await reader.read(this.#parser), begun);
    } catch (error) {
      return await this.#refuse(error, begun);
    }
  }

  async #refuse(error: unknown, begun: Begun): Promise<boolean> {
    const { state, readDeadline, outbox, context } = this.#parts;
    if (state.name !== "reading head") throw error;
    readDeadline.stop();
    const { exchange } = begun;
    const { line, fields } = this.#parser;
    begun.line = line;
    begun.fields = fields;
    exchange.error = error;
    const accept = fields?.get("accept") ?? null;
    const failed = { request: line, accept };
    const response = await answerTo(error, failed, context);
    // RFC 9112 §6.1: who is not known to speak 1.1 gets no chunks.
    const { method = "GET", minorVersion = 0 } = line ?? {};
    const answered = {
      request: line,
      method,
      minorVersion,
      isWaiting: false,
      mayPersist: () => false,
      trailers: undefined,
      sent: 0,
    };
    const answer = await openAnswer(response, answered, context);
    return await this.#respond(answer, answered, {
      exchange,
      whileWaiting: () => outbox.flush(),
    });
  }

  #exchange(head: RequestHead, begun: Begun): boolean | Promise<boolean> {
    const { exchange } = begun;
    begun.line = head;
    begun.fields = head.fields;
    const { state, transport, readDeadline, outbox, context } = this.#parts;
    const content = this.#openContent(head);
    readDeadline.stop();
    state.move("handling");
    this.#requests++;
    this.request = head;
    const info = new ExchangeInfo(head, { transport, content, outbox });
    const work: Work = { head, content, info, exchange };
    this.#info = info;
    const answering = askHandler(work, context, () => this.#whileWaiting(work));
    if (answering instanceof Promise) {
      const prepare = (answer: HandlerAnswer) => this.#prepare(work, answer);
      return this.#finish(work, answering.then(prepare));
    }
    const ready = this.#prepare(work, answering);
    return this.#finishAtOnce(work, ready) ?? this.#finish(work, ready);
  }

  /** Tells the handler at work that its client is gone. */
  abort(): void {
    this.#info?.abort(new ConnectionLost("The client is gone"));
  }

  #prepare(
    work: Work,
    { response, error }: HandlerAnswer,
  ): Ready {
    const { head, content, info, exchange } = work;
    const { context } = this.#parts;
    if (error) {
      exchange.error = error;
      if (isOutOfDescriptors(error)) context.onOutOfDescriptors(error);
    }
    info.isAnswered = true;
    const upgrade = info.upgradeBy(response);
    const answered = {
      request: head,
      method: head.method,
      minorVersion: head.minorVersion,
      isWaiting: content.isWaiting,
      mayPersist: () =>
        !(error instanceof ProtocolError) && this.#mayPersist(head, content),
      trailers: error ? undefined : info.trailers,
      sent: 0,
    };
    return { response, answered, upgrade };
  }

  /** The short way; undefined, and nothing done, if it is not open. */
  #finishAtOnce(
    { content, info, exchange }: Work,
    { response, answered, upgrade }: Ready,
  ): boolean | Promise<boolean> | undefined {
    const { state, outbox, context } = this.#parts;
    const isOpen = content.isUnused && state.name === "handling" && !upgrade;
    if (!isOpen) return undefined;
    const { heads } = context;
    const mayFollow = answerAtOnce(response, answered, outbox, heads);
    if (mayFollow === undefined) return undefined;
    state.move("responding");
    exchange.status = answered.status;
    exchange.sent = answered.sent;
    content.abandon();
    outbox.afterFlush(info);
    if (!mayFollow) return false;
    return outbox.isFull
      ? outbox.flush().then(() => this.#rest())
      : this.#rest();
  }

  async #finish(
    work: Work,
    preparing: Ready | Promise<Ready>,
  ): Promise<boolean> {
    const { content, info, exchange } = work;
    const { context } = this.#parts;
    try {
      const { response, answered, upgrade } = await preparing;
      if (upgrade) return await this.#goOver(work, upgrade, response);
      const answer = await openAnswer(response, answered, context);
      const mayFollow = await this.#respond(answer, answered, {
        exchange,
        whileWaiting: () => this.#whileWaiting(work),
      });
      this.#parts.outbox.afterFlush(info);
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

  /** Leaves HTTP, until whoever goes on has done so with both ways. */
  async #goOver(
    { info, exchange }: Work,
    upgrade: Upgrade,
    response: Response,
  ): Promise<boolean> {
    const { state, outbox, readDeadline, reader } = this.#parts;
    try {
      state.move("responding");
      exchange.status = response.status;
      outbox.gatherText(upgrade.headOf(response));
      await outbox.flush();
      info.complete();
      state.move("upgraded");
    } catch (error) {
      // Somebody may wait for octets already.
      upgrade.fail();
      throw error;
    }
    readDeadline.stop();
    await upgrade.open({ reader, outbox });
    return false;
  }

  /** Earlier answers must not wait for a handler, nor a handler for nobody. */
  #whileWaiting({ content }: Work): Promise<void> {
    if (content.ended) this.#parts.watch.start();
    return this.#parts.outbox.flush();
  }

  #openContent(head: RequestHead): IncomingContent {
    const { context, reader } = this.#parts;
    const content = openContent(head.framing, reader, context.limits);
    // RFC 9110 §10.1.1: no 100 to HTTP/1.0, nor to who has begun to send.
    const isWaiting = !content.ended && head.expectsContinue &&
      reader.buffered === 0;
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
    return head.mayPersist && !isShuttingDown() &&
      head.method !== "CONNECT" && this.#requests < limits.requests &&
      content.mayBeDiscarded(limits.discarded);
  }

  /** @returns whether another request may follow. */
  async #respond(
    answer: Answer,
    answered: Answered,
    { exchange, whileWaiting }: {
      exchange: Exchange;
      whileWaiting: () => Promise<void>;
    },
  ): Promise<boolean> {
    const { state, outbox } = this.#parts;
    const { body, error } = answer;
    if (error) exchange.error = error;
    if (state.name === "closed") body.cancel();
    state.move("responding");
    this.body = body;
    exchange.status = answer.status;
    try {
      await answerInParts(answer, answered, outbox, whileWaiting);
    } finally {
      exchange.sent = answered.sent;
    }
    this.body = undefined;
    if (outbox.isFull) await outbox.flush();
    return answer.persist;
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
    this.request = undefined;
    this.#parts.state.move("idle");
    this.#parts.context.onRest();
    return true;
  }
}
