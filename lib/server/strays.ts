/**
 * Errors that no code awaits: they are reported on the standard error, and must
 * not end the process.
 *
 * The runtime ends the process at an unhandled rejection. That stays so for a
 * handler's own mistakes. But a client must never cause it by leaving: neither
 * through a promise of the server, nor through one that a handler derives from
 * it, such as `completed.then(count)`. Nor may a callback of an observer or a
 * log.
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

/** Without the query, which may hold secrets. */
function nameOf({ method, rawTarget }: RequestName): string {
  return `${method} ${rawTarget.split("?", 1)[0]}`;
}

/**
 * Calls user code. Its errors and rejections are only reported.
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
 * A promise whose rejection may be ignored, as may those of the promises that
 * `then`, `catch` and `finally` derive from it. Code that awaits one still gets
 * it. An error of a callback is reported, unless other code handles it.
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
 * Keeps the process alive if a handler does not handle a rejection that a
 * client caused: of request content that it reads later, of a `fetch` that
 * `request.signal` aborts, of a copy to an upgraded connection. The runtime
 * handles other rejections.
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
