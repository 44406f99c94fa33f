/** What Requests and Responses are made of, as our own server does it. */
import type { RequestSource } from "../../lib/lazy/lazy_request.ts";
import { lazyResponse, responseProof } from "../../lib/lazy/lazy_response.ts";
import type { ResponseParts } from "../../lib/lazy/response_parts.ts";

/** A source of a Request without fields and body, but for what is given. */
export function sourceOf(given: Partial<RequestSource> = {}): RequestSource {
  return {
    method: "GET",
    url: "http://localhost/",
    lines: [],
    signal: new AbortController().signal,
    hasBody: false,
    openBody: () => null,
    readAll: () => new Uint8Array(0),
    ...given,
  };
}

/**
 * Whether stand-ins are used, as on any Deno that is known. `deno task test:plain`
 * makes it false, and makes it so.
 */
export const areStandInsUsed: boolean = true;

/** A Response of parts, lazy where one can be: 200 and empty but for what is given. */
export function responseOf(given: Partial<ResponseParts> = {}): Response {
  const parts: ResponseParts = {
    status: 200,
    reason: "",
    lines: [],
    headers: undefined,
    content: null,
    ...given,
  };
  if (responseProof.holds) return lazyResponse(parts);
  const { status, reason, lines, content } = parts;
  const response = new Response(content, { status, statusText: reason });
  response.headers.delete("content-type");
  for (const [name, value] of lines) response.headers.append(name, value);
  return response;
}
