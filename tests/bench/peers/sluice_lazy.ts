/**
 * The same with the lazy Response in the place of Deno's own.
 *
 *     deno run --allow-net sluice_lazy.ts PORT HANDLER
 *
 * @module
 */
import { isLazy } from "../../../lib/lazy/global_response.ts";

if (!isLazy) throw new Error("Cannot measure a lazy Response: there is none");
await import("./sluice.ts");
