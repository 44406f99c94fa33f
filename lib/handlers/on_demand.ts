/**
 * The way to make a handler goes in, a handler comes out that is made when it is
 * first asked: what it takes to load one is no part of the start of a server.
 *
 * @module
 */

import type { HandlerInfo } from "../handler.ts";

/** A `Handler`, or a `RouteHandler`, which is told the match as well. */
type AnyHandler<Match extends [URLPatternResult?]> = (
  request: Request,
  info: HandlerInfo,
  ...match: Match
) => Response | Promise<Response>;

/**
 * Defers the making of a handler. Requests that come meanwhile wait for the same
 * one. Where it can't be made they fail with the reason, and the next request
 * tries again.
 */
export function onDemand<Match extends [URLPatternResult?]>(
  make: () => Promise<AnyHandler<Match>>,
): AnyHandler<Match> {
  let made: AnyHandler<Match> | undefined;
  let making: Promise<AnyHandler<Match>> | undefined;
  const begin = async () => {
    try {
      return made = await make();
    } finally {
      making = undefined;
    }
  };
  return (request, info, ...match) => {
    if (made) return made(request, info, ...match);
    making ??= begin();
    return making.then((handler) => handler(request, info, ...match));
  };
}
