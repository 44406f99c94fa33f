import { lightRequest } from "../../lib/light/light_request.ts";

/**
 * Whether stand-ins are used, as on any Deno that is known. `deno task test:plain`
 * makes it false, and makes it so.
 */
export const areStandInsUsed: boolean = true;

/** A request as our own server makes it, which light responses answer. */
export const request: Request = lightRequest({
  method: "GET",
  url: () => "http://localhost/",
  lines: [],
  body: () => null,
  signal: () => new AbortController().signal,
});
