/**
 * What a handler is told beside the request.
 *
 * @module
 */
import type { HandlerInfo } from "../handler.ts";

/** The info of one exchange. */
export class ExchangeInfo implements HandlerInfo {
  readonly remoteAddr: Deno.Addr;
  readonly localAddr: Deno.Addr;
  readonly requestTarget: string;
  #completion: PromiseWithResolvers<void> | undefined;
  #settle: ((completion: PromiseWithResolvers<void>) => void) | undefined;

  constructor(
    requestTarget: string,
    addresses: { remoteAddr: Deno.Addr; localAddr: Deno.Addr },
  ) {
    this.requestTarget = requestTarget;
    this.remoteAddr = addresses.remoteAddr;
    this.localAddr = addresses.localAddr;
  }

  /** Resolves when the response is sent; few ask, so it is made on demand. */
  get completed(): Promise<void> {
    if (!this.#completion) {
      this.#completion = Promise.withResolvers();
      this.#completion.promise.catch(() => {});
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
