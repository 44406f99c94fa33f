/**
 * Limits that are so small that what is generated passes each of them now and
 * then.
 *
 * @module
 */
import type { Limits } from "../../lib/limits.ts";

/** Those that differ from the default. */
export const narrowLimits: Partial<Limits> = {
  requestLine: 128,
  fieldSection: 400,
  fieldCount: 10,
  chunkLine: 32,
  content: 1000,
  discarded: 200,
};
