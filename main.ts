/**
 * The command: serves and receives the files of one directory over HTTP/1.1.
 *
 * ```sh
 * deno run --allow-net --allow-read=./public --allow-write=./public \
 *   main.ts --directory ./public
 * ```
 *
 * `--help` lists the options. It ends with 0 after a signal, with 2 when the
 * options are wrong, and with 1 when it cannot start.
 *
 * @module
 */

import { run } from "./lib/cli/run.ts";

if (import.meta.main) Deno.exit(await run(Deno.args));
