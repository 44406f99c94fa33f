/**
 * Tells browsers to come back over TLS only (RFC 6797), in each response.
 *
 * @module
 */

import type { Handler } from "../handler.ts";
import type { ErrorResponse } from "../server/error_response.ts";

/** What answers requests, and what makes the responses to errors. */
interface Answering {
  handler: Handler;
  errorResponse: ErrorResponse;
}

/** The same, with the field in each response. */
export function withHsts(
  { handler, errorResponse }: Answering,
  seconds: number,
): Answering {
  const told = (response: Response): Response => {
    response.headers.set("strict-transport-security", `max-age=${seconds}`);
    return response;
  };
  return {
    handler: async (request, info) => told(await handler(request, info)),
    errorResponse: async (error, accept) =>
      told(await errorResponse(error, accept)),
  };
}
