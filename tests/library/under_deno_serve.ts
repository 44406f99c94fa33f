/**
 * Stands in for `@sluice/http`: all that it exports, but `serve` is Deno's own.
 *
 * @module
 */

export * from "../../mod.ts";

/** In the place of ours. */
export const serve: typeof Deno.serve = Deno.serve;
