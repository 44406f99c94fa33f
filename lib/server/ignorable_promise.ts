/**
 * Promises for handlers that need not look after them.
 *
 * The runtime ends the process at a rejection that nobody handles. Where a client
 * can bring one about by leaving, that must never happen: neither to a promise
 * of ours, nor to what a handler derives from it, such as `completed.then(count)`.
 *
 * @module
 */
import { ConnectionLost, ProtocolError } from "../errors.ts";
import { report, type RequestName } from "./report.ts";

/**
 * A promise whose rejection may be ignored, and so may those of the promises
 * that `then`, `catch` and `finally` make of it. Whoever awaits one gets it. What
 * a callback throws is reported, unless somebody else takes it.
 */
export class IgnorablePromise<T> extends Promise<T> {
  #request: RequestName | undefined;
  #hasFollower = false;

  /** A pending one, of a request. */
  static pending<T>(request: RequestName): PromiseWithResolvers<T> {
    const pending = IgnorablePromise.withResolvers<T>();
    const promise = pending.promise as IgnorablePromise<T>;
    promise.#request = request;
    promise.catch(() => {});
    return pending;
  }

  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#hasFollower = true;
    const next = super.then(onFulfilled, onRejected) as IgnorablePromise<A | B>;
    next.#request = this.#request;
    next.#watch();
    return next;
  }

  #watch(): void {
    super.then(undefined, (error) => {
      const isClients = error instanceof ConnectionLost;
      if (!this.#hasFollower && !isClients) report(error, this.#request);
    });
  }
}

let isListening = false;

/**
 * Keeps the process alive where a handler does not look after a promise that a
 * client made reject: of request content that it reads later, of a `fetch` that
 * `request.signal` aborts, of a copy to an upgraded connection. Other
 * rejections are left to the runtime.
 */
export function outliveClients(): void {
  if (isListening) return;
  isListening = true;
  globalThis.addEventListener("unhandledrejection", (event) => {
    const { reason } = event;
    const isClients = reason instanceof ConnectionLost ||
      reason instanceof ProtocolError;
    if (isClients) event.preventDefault();
  });
}
