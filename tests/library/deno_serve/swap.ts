/**
 * Puts a server in the place of `Deno.serve`, for the module that is loaded
 * behind this one and for each `deno eval` that it starts.
 *
 * In: `TESTED_SERVER`, `ours` or `native`, and `TESTED_SERVER_CALLS`, the file
 * that gets an octet for each call: a test that makes none tells nothing.
 *
 * @module
 */
import { serve } from "../../../mod.ts";

type Serve = (first: unknown, second: unknown) => unknown;

const native = Deno.serve as Serve;
const isOurs = Deno.env.get("TESTED_SERVER") === "ours";
// Open before a test gives up its permissions.
const calls = Deno.openSync(Deno.env.get("TESTED_SERVER_CALLS")!, {
  append: true,
});

// Without `...`: a test replaces the iterator of arrays.
function tested(first: unknown, second: unknown): unknown {
  calls.writeSync(new Uint8Array(1));
  return (isOurs ? serve as Serve : native)(first, second);
}
Deno.serve = tested as typeof Deno.serve;

/** `deno eval` preloads nothing, but `deno run` of the same code does. */
function evalWithSwap([, ...args]: string[]): string[] {
  const code = args.pop()!;
  return [
    "run",
    "--allow-all",
    `--config=${import.meta.dirname}/deno.json`,
    `--preload=${import.meta.url}`,
    ...args,
    `data:text/javascript,${encodeURIComponent(code)}`,
  ];
}

Deno.Command = class extends Deno.Command {
  constructor(command: string | URL, options: Deno.CommandOptions = {}) {
    const { args = [] } = options;
    super(
      command,
      command === Deno.execPath() && args[0] === "eval"
        ? { ...options, args: evalWithSwap(args) }
        : options,
    );
  }
};
