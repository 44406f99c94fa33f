/**
 * Asks the handler, and makes an answer of whatever it does.
 *
 * In: a request's head and content. Out: a Response, always, unless the client
 * is gone. What no handler should have to look after is refused here first.
 *
 * @module
 */
import { HttpError } from "../errors.ts";
import type { ConnectHandler, Handler } from "../handler.ts";
import type { Limits } from "../limits.ts";
import type { RequestHead } from "../wire/request_head.ts";
import {
  answerTo,
  awaitResponse,
  type ErrorAnswers,
  isResponse,
} from "./error_response.ts";
import type { ExchangeInfo } from "./exchange_info.ts";
import type { IncomingContent } from "./incoming_content.ts";
import { type LastOrigin, toRequest } from "./web_request.ts";

/** Whom to ask, and what of. */
export interface HandlerContext extends ErrorAnswers {
  handler: Handler;
  connect?: ConnectHandler;
  limits: Limits;
  lastOrigin: LastOrigin;
}

/** A request on its way to the handler. */
export interface Asking {
  head: RequestHead;
  content: IncomingContent;
  info: ExchangeInfo;
}

/** The answer; with `error`, if it is one to that. */
export interface HandlerAnswer {
  response: Response;
  error?: unknown;
}

/**
 * Asks the handler. A promise only where the answer is one, or is an error;
 * `whileWaiting` is called when the handler does not answer at once.
 */
export function askHandler(
  asking: Asking,
  context: HandlerContext,
  whileWaiting: () => Promise<void>,
): HandlerAnswer | Promise<HandlerAnswer> {
  const { head, content, info } = asking;
  try {
    refuseExpectation(head);
    refuseLength(content, context.limits);
    const readContent = (most: number) => content.read(most);
    const result = head.method === "CONNECT" && context.connect
      ? context.connect(head.rawTarget, info)
      : context.handler(
        toRequest(head, readContent, {
          transport: info.transport,
          lastOrigin: context.lastOrigin,
          getSignal: () => info.signal,
        }),
        info,
      );
    if (isResponse(result)) return { response: result };
    return awaitAnswer(awaitResponse(result, "the handler"), whileWaiting)
      .catch((error) => answerToError(error, asking, context, whileWaiting));
  } catch (error) {
    return answerToError(error, asking, context, whileWaiting);
  }
}

async function awaitAnswer(
  promise: Promise<Response>,
  whileWaiting: () => Promise<void>,
): Promise<HandlerAnswer> {
  try {
    const [response] = await Promise.all([promise, whileWaiting()]);
    return { response };
  } catch (error) {
    // The client may be gone already: nobody will take the response then.
    promise.then((late) => late.body?.cancel(error)).catch(() => {});
    throw error;
  }
}

async function answerToError(
  thrown: unknown,
  { head, content }: Asking,
  context: HandlerContext,
  whileWaiting: () => Promise<void>,
): Promise<HandlerAnswer> {
  // A handler may wrap what its reading threw, or throw because of it.
  const error = content.failure ?? thrown;
  const accept = head.fields.get("accept") ?? null;
  const failed = { request: head, accept, whileWaiting };
  return { response: await answerTo(error, failed, context), error };
}

/** RFC 9110 §10.1.1 */
function refuseExpectation({ expectsOther }: RequestHead): void {
  if (expectsOther) {
    throw new HttpError(417, "The only expectation met here is 100-continue");
  }
}

/** RFC 9110 §15.5.14, before the content is read, where its length is told. */
function refuseLength(content: IncomingContent, limits: Limits): void {
  if ((content.remaining ?? 0) > limits.content) {
    throw new HttpError(
      413,
      `The content is larger than ${limits.content} octets`,
    );
  }
}
