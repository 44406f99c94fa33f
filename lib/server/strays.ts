/**
 * Errors that nobody awaits: they are reported on the standard error, and end
 * nothing that they must not end.
 *
 * The runtime ends the process at a rejection that nobody handles. That stays
 * so for a handler's own mistakes. But a client must never be able to cause it
 * by leaving: neither through a promise of ours, nor through one that a handler
 * derives from it, such as `completed.then(count)`; and no callback of an
 * observer or a log may.
 *
 * @module
 */
import { ConnectionLost, ProtocolError } from "../errors.ts";
import type { RequestLine } from "../wire/request_head.ts";

/** What a report calls a request by. */
export type RequestName = Pick<RequestLine, "method" | "rawTarget">;

/**
 * Logs an error, with the method and path of its request. A log that can't be
 * written is no reason to stop serving.
 */
export function report(error: unknown, request?: RequestName): void {
  try {
    if (request) console.error(`${nameOf(request)}:`, error);
    else console.error(error);
  } catch {
    // A full disk behind the standard error.
  }
}

/** Without the query, which may hold what belongs in no log. */
function nameOf({ method, rawTarget }: RequestName): string {
  return `${method} ${rawTarget.split("?", 1)[0]}`;
}

/**
 * Calls what somebody else has written. Whatever it throws, and whatever a
 * promise that it returns rejects with, is reported, and no more.
 */
export function quietly(call: () => unknown, request?: RequestName): void {
  try {
    const result = call();
    if (typeof result === "object" && result !== null) settle(result, request);
  } catch (error) {
    report(error, request);
  }
}

async function settle(result: object, request?: RequestName): Promise<void> {
  try {
    await result;
  } catch (error) {
    report(error, request);
  }
}

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
