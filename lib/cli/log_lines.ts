/**
 * Formats an exchange as a line of the log: for people, as JSON, or in the Combined
 * Log Format that log analyzers read.
 *
 * @module
 */

import type { Exchange } from "../observer.ts";
import { withoutSecrets } from "./masked_query.ts";
import { PLAIN, quoted } from "./messages.ts";

/** The format of a line. */
export type LogFormat = "text" | "json" | "combined";

/** The line of an exchange in each format, without its end. */
export const lineOf: Record<
  LogFormat,
  (exchange: Exchange, id?: string) => string
> = {
  text: textLine,
  json: jsonLine,
  combined: combinedLine,
};

/** The line that stands for dropped ones. */
export function lostLine(format: LogFormat, lost: number): string {
  return format === "json" ? quoted({ lost }) : `${lost} lines were lost`;
}

/** Time, client, request line, status, content sent and received, duration. */
function textLine(exchange: Exchange, id?: string): string {
  const { status, userAgent, error } = exchange;
  const request = requestOf(exchange);
  let line = `${isoTime(exchange)} ${clientOf(exchange).hostname ?? "-"} ${
    request === undefined ? "-" : quoted(request)
  } ${status ?? "-"} sent=${exchange.sent} received=${exchange.received} ${
    exchange.duration.toFixed(1)
  }ms`;
  if (userAgent !== undefined) line += ` ${quoted(userAgent)}`;
  if (error !== undefined) line += ` error=${quoted(describe(error))}`;
  if (id !== undefined) line += ` id=${id}`;
  return line;
}

function jsonLine(exchange: Exchange, id?: string): string {
  const { remoteAddr: _, started: __, error, status, ...told } = exchange;
  const { hostname, port } = clientOf(exchange);
  return quoted({
    time: isoTime(exchange),
    address: hostname,
    port,
    status: status ?? null,
    ...told,
    requestTarget: masked(told.requestTarget),
    referer: masked(told.referer),
    error: error === undefined ? undefined : describe(error),
    id,
  });
}

/** `%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"` of Apache and nginx. */
function combinedLine(exchange: Exchange): string {
  const { status, sent, referer, userAgent } = exchange;
  return `${clientOf(exchange).hostname ?? "-"} - - [${clfTime(exchange)}] "${
    escaped(requestOf(exchange))
  }" ${status ?? "-"} ${sent === 0 ? "-" : sent} "${
    escaped(masked(referer))
  }" "${escaped(userAgent)}"`;
}

function requestOf(exchange: Exchange): string | undefined {
  const { method, requestTarget, version } = exchange;
  return method === undefined
    ? undefined
    : `${method} ${masked(requestTarget)} ${version}`;
}

function masked(url: string | undefined): string | undefined {
  return url === undefined ? undefined : withoutSecrets(url);
}

/** Escapes quotes and whatever a terminal could obey, as Apache does. */
function escaped(text: string | undefined): string {
  if (text === undefined || text === "") return "-";
  if (PLAIN.test(text)) return text;
  let line = "";
  for (const octet of encoder.encode(text)) line += ESCAPES[octet];
  return line;
}

const encoder = new TextEncoder();

/** How each octet is written. */
const ESCAPES = Array.from({ length: 256 }, (_, octet) => {
  const character = String.fromCharCode(octet);
  if (PLAIN.test(character)) return character;
  if (character === '"' || character === "\\") return `\\${character}`;
  return `\\x${octet.toString(16).padStart(2, "0")}`;
});

/** Formats a second once: that takes longer than the rest of a line. */
class Second {
  #value = NaN;
  #text = "";
  readonly #format: (second: number) => string;

  constructor(format: (second: number) => string) {
    this.#format = format;
  }

  of(second: number): string {
    if (second !== this.#value) {
      this.#value = second;
      this.#text = this.#format(second);
    }
    return this.#text;
  }
}

/** Up to the point before the milliseconds. */
const isoSecond = new Second((second) =>
  new Date(second).toISOString().slice(0, -4)
);

/** The same as `toISOString`. */
function isoTime({ started }: Exchange): string {
  const milliseconds = started % 1000;
  return `${isoSecond.of(started - milliseconds)}${
    String(milliseconds).padStart(3, "0")
  }Z`;
}

/** `02/Jan/2026:03:04:05 +0000` */
const clfSecond = new Second((second) => {
  const [, day, month, year, time] = new Date(second).toUTCString().split(" ");
  return `${day}/${month}/${year}:${time} +0000`;
});

function clfTime({ started }: Exchange): string {
  return clfSecond.of(started - started % 1000);
}

function clientOf({ remoteAddr }: Exchange): Partial<Deno.NetAddr> {
  return "hostname" in remoteAddr ? remoteAddr : {};
}

/** What went wrong with an exchange, for people; undefined if nothing did. */
export function failureLine(exchange: Exchange): string | undefined {
  const { error, status } = exchange;
  if (error === undefined) return undefined;
  const { hostname = "-", port = "-" } = clientOf(exchange);
  return `Client ${hostname} port ${port}: ${status ?? "no answer"}, ${
    quoted(describe(error))
  }`;
}

function describe(error: unknown): string {
  return error instanceof Error
    ? `${error.name}: ${error.message}`
    : String(error);
}
