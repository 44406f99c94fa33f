/**
 * The trailer fields of a response (RFC 9110 §6.5): which fields may be among them.
 *
 * @module
 */
import type { FieldLine } from "../wire/field_section.ts";
import { ownFields } from "./answer_head.ts";
import { report, type RequestName } from "./report.ts";

/**
 * RFC 9110 §6.5.1: what must be known before the content, for it says how to
 * take it, is no trailer.
 */
const neverTrailers: ReadonlySet<string> = new Set([
  ...ownFields,
  "age",
  "cache-control",
  "content-encoding",
  "content-range",
  "content-type",
  "date",
  "expires",
  "location",
  "proxy-authenticate",
  "retry-after",
  "set-cookie",
  "trailer",
  "upgrade",
  "vary",
  "www-authenticate",
]);

/** The field lines that may follow the content. */
export function trailerLines(
  trailers: Headers | undefined,
  request?: RequestName,
): FieldLine[] {
  return [...trailers ?? []].filter(([name]) => {
    const isForbidden = neverTrailers.has(name);
    if (isForbidden) {
      const message = `Cannot send ${name} as a trailer: left out`;
      report(new TypeError(message), request);
    }
    return !isForbidden;
  });
}
