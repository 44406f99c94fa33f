/**
 * Wraps a handler so that it is aborted if it takes too long.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import type { Handler, PortableInfo } from "../handler.ts";
import { isLimit } from "../limits.ts";

/** The longest time that a timer accepts, and longer than any client waits. */
const MOST = 2 ** 31 - 1;

/**
 * Limits the time of a handler to make its response. After it the client gets
 * 503 (RFC 9110 §15.6.4), and the handler's `request.signal` aborts with a
 * `TimeoutError`. The body of the response may take longer: `timeouts.write`
 * limits that.
 *
 * @example
 * ```ts
 * import { HttpError, type PortableInfo } from "@sluice/http";
 * import { timeout } from "@sluice/http/handlers";
 * import { assertRejects } from "@std/assert";
 *
 * const handler = timeout(10, (request) =>
 *   new Promise((_resolve, reject) => {
 *     request.signal.addEventListener("abort", () =>
 *       reject(request.signal.reason)
 *     );
 *   }));
 *
 * const info: PortableInfo = {
 *   remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 50000 },
 *   completed: Promise.resolve(),
 * };
 * await assertRejects(
 *   async () => await handler(new Request("http://localhost/"), info),
 *   HttpError,
 *   "took too long",
 * );
 * ```
 *
 * @typeParam Info The info that the handler needs.
 * @param milliseconds The time, or a function that returns it for each request.
 * `Infinity`, like any time of 2^31 or more, lifts the limit. Throws a
 * RangeError for a value that is not a whole number.
 * @param handler Answers. A response that it makes later is dropped.
 * @returns A handler that rejects with an {@linkcode HttpError} with 503 when the
 * time is over.
 */
export function timeout<Info extends PortableInfo = PortableInfo>(
  milliseconds: number | ((request: Request) => number),
  handler: Handler<Info>,
): Handler<Info> {
  if (typeof milliseconds === "number") checked(milliseconds);
  return async (request, info) => {
    const time = typeof milliseconds === "function"
      ? checked(milliseconds(request))
      : milliseconds;
    if (time > MOST) return handler(request, info);
    const late = new AbortController();
    const signal = AbortSignal.any([request.signal, late.signal]);
    const { promise: over, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      // First of all, as the handler may reject with the reason of its signal.
      reject(new HttpError(503, "The answer took too long to make"));
      late.abort(new DOMException("Signal timed out.", "TimeoutError"));
    }, time);
    const limited = new Request(request, { signal });
    // In a function of its own, so that what it throws is a rejection.
    const answer = (async () => await handler(limited, info))();
    try {
      return await Promise.race([answer, over]);
    } catch (error) {
      answer.then(({ body }) => body?.cancel(error)).catch(() => {});
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };
}

function checked(milliseconds: number): number {
  if (isLimit(milliseconds)) return milliseconds;
  throw new RangeError(
    `Cannot limit time: got ${milliseconds}, not a whole number`,
  );
}
