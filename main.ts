/**
 * The command `sluice`: serves and receives the files of one directory over
 * HTTP/1.1.
 *
 * ```sh
 * deno run --allow-net --allow-read=./public --allow-write=./public \
 *   main.ts --directory ./public
 * ```
 *
 * `--help` lists the options. The exit code is 0 after a signal, 2 for wrong
 * options, and 1 if it cannot start.
 *
 * @module
 */

import { run } from "./lib/cli/run.ts";

if (import.meta.main) Deno.exit(await run(Deno.args));
