/**
 * Makes a handler on first use, so that loading it does not slow down the start
 * of a server.
 *
 * @module
 */

import type { AnyHandler } from "../handler.ts";

/**
 * Makes something once, on first use; calls meanwhile wait for the same. If it
 * fails, all of them reject, and the next call tries again.
 */
export function makeOnce<Value>(
  make: () => Promise<Value>,
): () => Promise<Value> {
  let making: Promise<Value> | undefined;
  return () =>
    making ??= make().catch((error) => {
      making = undefined;
      throw error;
    });
}

/**
 * A handler that is made once, on first use, and called directly after that.
 */
export function onDemand<Info, Match extends [URLPatternResult?] = []>(
  make: () => Promise<AnyHandler<Info, Match>>,
): AnyHandler<Info, Match> {
  let made: AnyHandler<Info, Match> | undefined;
  const begin = makeOnce(async () => made = await make());
  return (request, info, ...match) =>
    made
      ? made(request, info, ...match)
      : begin().then((handler) => handler(request, info, ...match));
}
