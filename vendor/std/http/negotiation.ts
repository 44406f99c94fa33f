/**
 * Stand-in for `jsr:@std/http/negotiation`.
 *
 * @module
 */
import { accepts as accepts_ } from "npm:deno-std@1.4.0/http/negotiation.js";

/** The one of these media types that a request's Accept field prefers. */
export const accepts: (
  request: Pick<Request, "headers">,
  ...types: string[]
) => string | undefined = accepts_;
