/**
 * The record of one exchange: a request and its answer, for logs and metrics.
 *
 * @module
 */

/** One request and its answer, told when it is over. */
export interface Exchange {
  /** Where the client is. */
  remoteAddr: Deno.Addr;
  /** The method; undefined, as are the next five, if it could not be read. */
  method?: string;
  /** The request target as it was sent. */
  requestTarget?: string;
  /** The client's version, such as `HTTP/1.1`. */
  version?: string;
  /** The value of Host. */
  host?: string;
  /** The value of User-Agent. */
  userAgent?: string;
  /** The value of Referer. */
  referer?: string;
  /** The status sent; undefined if the client was gone before an answer. */
  status?: number;
  /** Octets of request content received. */
  received: number;
  /** Octets of response content sent. */
  sent: number;
  /** When the first octet of the request came, in milliseconds since 1970. */
  started: number;
  /** Milliseconds from then until the response was sent. */
  duration: number;
  /** Why the exchange failed, if it did. */
  error?: unknown;
}
