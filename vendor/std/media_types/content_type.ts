/**
 * Stand-in for `jsr:@std/media-types/content-type`.
 *
 * @module
 */
import { contentType as contentType_ } from "npm:deno-std@1.4.0/media_types/content_type.js";

/**
 * The `Content-Type` of a file extension or media type.
 *
 * The original's type also knows every extension there is, and says `string`
 * for a literal one; what checks against this one checks against that one.
 */
export const contentType: (extensionOrType: string) => string | undefined =
  contentType_;
