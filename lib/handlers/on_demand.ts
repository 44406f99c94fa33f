/**
 * Makes a handler when it is first asked, so that loading it does not slow down
 * the start of a server.
 *
 * @module
 */

import type { AnyHandler } from "../handler.ts";

/**
 * Makes something when it is first asked for, and once: all who ask meanwhile wait
 * for the same. After a failure, of which all of them are told, the next to ask
 * makes another try.
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

/** A handler that is made, once, when it is first asked, and asked at once then. */
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
