/**
 * The record of one exchange: a request and its answer, for logs and metrics.
 *
 * @module
 */
import type { FieldSection } from "../wire/field_section.ts";
import type { RequestLine } from "../wire/request_head.ts";
import { quietly } from "./report.ts";

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

/** Begins the record of an exchange whose first octet is there. */
export function beginRecord(remoteAddr: Deno.Addr): Exchange {
  return { remoteAddr, received: 0, sent: 0, started: 0, duration: 0 };
}

/** A request whose head is being read, as far as it has come. */
export interface Begun {
  exchange: Exchange;
  line?: RequestLine;
  fields?: FieldSection;
}

/** Answers a request, and tells of the exchange when it is over. */
export async function record<Outcome>(
  begun: Begun,
  tell: (exchange: Exchange) => unknown,
  answer: () => Outcome | Promise<Outcome>,
): Promise<Outcome> {
  const { exchange } = begun;
  const from = performance.now();
  exchange.started = Date.now();
  try {
    return await answer();
  } catch (error) {
    exchange.error ??= error;
    throw error;
  } finally {
    exchange.duration = performance.now() - from;
    enterHead(begun);
    quietly(() => tell(exchange), begun.line);
  }
}

function enterHead({ exchange, line, fields }: Begun): void {
  if (line) {
    exchange.method = line.method;
    exchange.requestTarget = line.rawTarget;
    exchange.version = `HTTP/1.${line.minorVersion}`;
  }
  if (fields) {
    exchange.host = fields.get("host");
    exchange.userAgent = fields.get("user-agent");
    exchange.referer = fields.get("referer");
  }
}
