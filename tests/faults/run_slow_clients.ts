/**
 * The long form: thousands of slow clients of each kind, at the command and at
 * `Deno.serve`. About ten minutes.
 *
 *     deno run --allow-all run_slow_clients.ts [COUNT]
 *
 * @module
 */
import { attend, type Kind } from "./slow_load.ts";

const count = Number(Deno.args[0] ?? 4000);
for (const kind of ["readers", "writers", "heads"] satisfies Kind[]) {
  for (const name of ["Sluice", "Deno.serve"] as const) {
    const seen = await attend(name, { kind, count, stay: 20, rest: 60 });
    const figures = Object.entries(seen)
      .map(([what, figure]) => `${what} ${figure.toFixed()}`);
    console.log(`${name}, ${count} slow ${kind}: ${figures.join(", ")}`);
  }
}
