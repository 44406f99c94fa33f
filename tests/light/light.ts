/** What Requests are made of, as our own server does it. */
import {
  lightRequest,
  type RequestSource,
} from "../../lib/light/light_request.ts";

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

/** A request that light responses answer. */
export const request: Request = lightRequest(sourceOf());
