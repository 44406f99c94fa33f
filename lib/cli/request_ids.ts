/**
 * Gives each request an id, in `X-Request-Id` of its answer and in the log.
 *
 * In: the handler and what answers its errors. Out: the same, whose responses
 * have the id, and the id of an exchange that is over. A client chooses no id:
 * only those that a trusted proxy gives are taken.
 *
 * @module
 */

import { nameOfPeer } from "../authority.ts";
import type { Handler, HandlerInfo } from "../handler.ts";
import type { Exchange } from "../observer.ts";
import { type ErrorResponse, logError } from "../server/error_response.ts";
import type { RequestName } from "../server/strays.ts";

/** What answers requests and errors. */
export interface Answering {
  handler: Handler;
  errorResponse: ErrorResponse;
  onError?: (error: unknown) => Response;
}

/** A request that has failed. */
interface Failed {
  id: string;
  request?: RequestName;
}

/** The ids of requests, as long as they are needed. */
export class RequestIds {
  readonly #isTrusted: (hostname: string) => boolean;
  /** By the info of a handler, which is the record of the exchange, too. */
  readonly #ids = new WeakMap<object, string>();
  /** By what was thrown: more is not known where it is answered. */
  readonly #failed = new WeakMap<object, Failed>();

  /** @param isTrusted Whether the proxy at an address is. Default: none. */
  constructor(isTrusted: (hostname: string) => boolean = () => false) {
    this.#isTrusted = isTrusted;
  }

  /** The same, with an id in each response. */
  name({ handler, errorResponse }: Omit<Answering, "onError">): Answering {
    return {
      handler: async (request, info) => {
        const id = this.#choose(request, info);
        this.#ids.set(info, id);
        try {
          return named(await handler(request, info), id);
        } catch (error) {
          const { method } = request;
          const { requestTarget: rawTarget } = info;
          this.#note(error, { id, request: { method, rawTarget } });
          throw error;
        }
      },
      errorResponse: async (error, accept) => {
        const response = await errorResponse(error, accept);
        return named(response, this.#failureOf(error).id);
      },
      onError: (error) => {
        const { id, request } = this.#failureOf(error);
        return named(logError(error, request), id);
      },
    };
  }

  /** The id that the client was told, if it was told any. */
  of(exchange: Exchange): string | undefined {
    const { error } = exchange;
    const failed = isObject(error) ? this.#failed.get(error) : undefined;
    return failed?.id ?? this.#ids.get(exchange);
  }

  #choose({ headers }: Request, { peerAddr }: HandlerInfo): string {
    const isTrusted = this.#isTrusted(nameOfPeer(peerAddr));
    return isTrusted && idIn(headers) || crypto.randomUUID();
  }

  /** Of a request that no handler has seen, a new id. */
  #failureOf(error: unknown): Failed {
    const known = isObject(error) ? this.#failed.get(error) : undefined;
    if (known) return known;
    const failed = { id: crypto.randomUUID() };
    this.#note(error, failed);
    return failed;
  }

  #note(error: unknown, failed: Failed): void {
    if (isObject(error)) this.#failed.set(error, failed);
  }
}

const requestId = /^[A-Za-z0-9._-]{1,128}$/;

// traceparent = version "-" trace-id "-" parent-id "-" trace-flags
// (W3C Trace Context §3.2). No version is ff, and neither id is all zeros. Only
// versions after 00 may go on behind another hyphen.
const traceparent =
  /^(?!ff|00.{54})[\da-f]{2}-(?!0{32})(?<trace>[\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-.*)?$/;

function idIn(headers: Headers): string | undefined {
  const given = headers.get("x-request-id") ?? "";
  if (requestId.test(given)) return given;
  return traceparent.exec(headers.get("traceparent") ?? "")?.groups?.trace;
}

function named(response: Response, id: string): Response {
  response.headers.set("x-request-id", id);
  return response;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
