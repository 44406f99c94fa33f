/**
 * Errors, one class for each thing to do next.
 *
 * - {@linkcode HttpError}: answer with its status; the connection may go on.
 * - {@linkcode ProtocolError}: answer with its status, then close: after octets
 *   that are not HTTP/1.1, the start of the next message is unknown.
 * - {@linkcode ConnectionLost}: no client is left to answer; close.
 *
 * The message of an `HttpError` is sent to the client, so it never repeats the
 * client's input.
 *
 * @module
 */

/** Options of an {@linkcode HttpError}. */
export interface HttpErrorOptions extends ErrorOptions {
  /** Fields for the response, such as `Allow` with a 405. Default: none. */
  headers?: HeadersInit;
}

/**
 * An error response: throw it from a handler, and the client gets its status
 * and message (RFC 9110 §15.5, §15.6).
 *
 * @example A handler that refuses
 * ```ts
 * import { HttpError } from "@sluice/http";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new HttpError(409, "There is already a directory with that name");
 * assertEquals(error.status, 409);
 * ```
 */
export class HttpError extends Error {
  /** The name of the class. */
  override name = "HttpError";
  /** The status code of the response, 400 to 599. */
  readonly status: number;
  /** Fields for the response. */
  readonly headers: HeadersInit;

  /**
   * Creates the error; throw it yourself.
   *
   * @param status The status code, 400 to 599.
   * @param message One sentence for the client, without a full stop.
   * @param options Fields for the response, and the cause.
   */
  constructor(status: number, message: string, options: HttpErrorOptions = {}) {
    super(message, options);
    this.status = status;
    this.headers = options.headers ?? {};
  }
}

/**
 * The received octets are not HTTP/1.1, too slow or too many: the client gets
 * the status, then the connection is closed (RFC 9112 §2.2).
 *
 * @example
 * ```ts
 * import { HttpError, ProtocolError } from "@sluice/http";
 * import { assert } from "@std/assert";
 *
 * const error = new ProtocolError(400, "A Host field is missing");
 * assert(error instanceof HttpError);
 * ```
 */
export class ProtocolError extends HttpError {
  /** The name of the class. */
  override name = "ProtocolError";
}

/**
 * The same error, of the same class, with other fields for its response.
 *
 * @param set Sets them, among those that the error has.
 */
export function withFields(
  error: HttpError,
  set: (headers: Headers) => void,
): HttpError {
  const { status, message } = error;
  const headers = new Headers(error.headers);
  set(headers);
  const Kind = error instanceof ProtocolError ? ProtocolError : HttpError;
  return new Kind(status, message, { headers, cause: error });
}

/**
 * The connection is lost or was closed. A handler that reads request content
 * gets this error if the client leaves before the end.
 *
 * @example
 * ```ts
 * import { ConnectionLost } from "@sluice/http";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new ConnectionLost("The client went away").name, "ConnectionLost");
 * ```
 */
export class ConnectionLost extends Error {
  /** The name of the class. */
  override name = "ConnectionLost";
}
