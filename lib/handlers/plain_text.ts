/**
 * The fields of an answer whose text the client chose.
 *
 * @module
 */
import type { Line } from "../light/light_headers.ts";

/** Whoever makes the link chooses the text: it must not become a page. */
export const plainText: readonly Line[] = [
  ["content-type", "text/plain"],
  ["x-content-type-options", "nosniff"],
];
