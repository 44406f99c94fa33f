/**
 * What a handler is told beside the request.
 *
 * @module
 */
import { ConnectionLost } from "../errors.ts";
import type { HandlerInfo, Upgraded, UpgradeOptions } from "../handler.ts";
import type { FieldLine } from "../wire/field_section.ts";
import type { RequestHead } from "../wire/request_head.ts";
import type { IncomingContent } from "./incoming_content.ts";
import { IgnorablePromise } from "./ignorable_promise.ts";
import { encodeInterimResponse } from "./interim_response.ts";
import type { WriteBuffer } from "./write_buffer.ts";
import { report } from "./report.ts";
import type { Transport } from "./socket.ts";
import { Upgrade } from "./upgrade.ts";

/** The parts of a connection that a handler gets to know something of. */
export interface InfoParts {
  transport: Transport;
  content: IncomingContent;
  outbox: WriteBuffer;
}

/** The info of one exchange. What few handlers ask for is made on demand. */
export class ExchangeInfo implements HandlerInfo {
  #head: RequestHead;
  #parts: InfoParts;
  #requestTrailers: Headers | undefined;
  #responseTrailers: Headers | undefined;
  #abortion: AbortController | undefined;
  #reason: Error | undefined;
  #upgrade: Upgrade | undefined;
  #completion: PromiseWithResolvers<void> | undefined;
  #settle: ((completion: PromiseWithResolvers<void>) => void) | undefined;

  /** Whether the final response has begun. */
  isAnswered = false;

  constructor(head: RequestHead, parts: InfoParts) {
    this.#head = head;
    this.#parts = parts;
  }

  /** What the request came by. */
  get transport(): Transport {
    return this.#parts.transport;
  }

  get remoteAddr(): Deno.Addr {
    return this.#parts.transport.remoteAddr;
  }

  get localAddr(): Deno.Addr {
    return this.#parts.transport.localAddr;
  }

  get requestTarget(): string {
    return this.#head.rawTarget;
  }

  get fieldLines(): readonly FieldLine[] {
    return this.#head.fields.frozenLines;
  }

  /** Aborts when the client is gone before it has the response. */
  get signal(): AbortSignal {
    this.#abortion ??= new AbortController();
    if (this.#reason !== undefined) this.#abortion.abort(this.#reason);
    return this.#abortion.signal;
  }

  /** Says that the client is gone. */
  abort(reason: Error): void {
    this.#reason = reason;
    if (this.#abortion) this.#tellListeners(this.#abortion, reason);
  }

  /** The runtime ends the process at what a listener throws. */
  #tellListeners(abortion: AbortController, reason: Error): void {
    const keep = (event: ErrorEvent) => {
      event.preventDefault();
      report(event.error, this.#head);
    };
    globalThis.addEventListener("error", keep);
    abortion.abort(reason);
    globalThis.removeEventListener("error", keep);
  }

  get upgrade(): (options?: UpgradeOptions) => Upgraded {
    return (options = {}) => {
      if (this.#upgrade) {
        throw new TypeError("Cannot upgrade: it was done before");
      }
      if (!this.#parts.content.ended) {
        throw new TypeError("Cannot upgrade: read the content before");
      }
      return this.#upgrade = new Upgrade(
        this.#head,
        options,
        this.#parts.transport,
      );
    };
  }

  /** The upgrade that a response is for. Of another one the upgrade fails. */
  upgradeBy({ status }: Response): Upgrade | undefined {
    if (this.#upgrade?.response.status === status) return this.#upgrade;
    this.#upgrade?.fail();
    return undefined;
  }

  get requestTrailers(): Headers | undefined {
    const { trailers } = this.#parts.content;
    if (!trailers) return undefined;
    return this.#requestTrailers ??= new Headers(
      trailers.lines as [string, string][],
    );
  }

  get responseTrailers(): Headers {
    return this.#responseTrailers ??= new Headers();
  }

  /** What may follow the response; undefined if the client takes no trailers. */
  get trailers(): (() => Headers | undefined) | undefined {
    return this.#head.takesTrailers ? () => this.#responseTrailers : undefined;
  }

  get sendInformational(): (
    status: number,
    headers?: HeadersInit,
  ) => Promise<void> {
    return (status, headers) => {
      const head = encodeInterimResponse(status, headers);
      const sending = IgnorablePromise.pending<void>(this.#head);
      sending.resolve(this.#sendInterim(head));
      return sending.promise;
    };
  }

  async #sendInterim(head: string): Promise<void> {
    if (this.isAnswered) {
      throw new TypeError(
        "Cannot send interim response: the final one has begun",
      );
    }
    // RFC 9110 §15.2: a client of HTTP/1.0 does not know them.
    if (this.#head.minorVersion === 0) return;
    this.#parts.outbox.gatherText(head);
    try {
      await this.#parts.outbox.flush();
    } catch (error) {
      this.abort(new ConnectionLost("The client is gone", { cause: error }));
      throw error;
    }
  }

  /** Resolves when the response is sent. */
  get completed(): Promise<void> {
    if (!this.#completion) {
      this.#completion = IgnorablePromise.pending(this.#head);
      this.#settle?.(this.#completion);
    }
    return this.#completion.promise;
  }

  /** Says, once, that the exchange is over; with `reason`, that it failed. */
  complete(reason?: unknown): void {
    if (this.#settle) return;
    this.#settle = reason === undefined
      ? ({ resolve }) => resolve()
      : ({ reject }) => reject(reason);
    if (this.#completion) this.#settle(this.#completion);
  }
}
