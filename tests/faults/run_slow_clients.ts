/**
 * The long form: thousands of slow clients of each kind, at the command and at
 * `Deno.serve`. About twelve minutes, on Linux. The server has one core, the
 * clients have another.
 *
 *     deno run --allow-all run_slow_clients.ts [COUNT [REST]]
 *
 * COUNT is how many come at once, REST how many seconds after they have left the
 * memory is looked at once more.
 *
 * @module
 */
import { attend, CLIENT_CORE, type Kind, pin } from "./slow_load.ts";

const [count = 4000, rest = 60] = Deno.args.map(Number);

await pin(CLIENT_CORE);
for (const kind of ["readers", "writers", "heads"] satisfies Kind[]) {
  for (const name of ["Sluice", "Deno.serve"] as const) {
    const seen = await attend(name, { kind, count, stay: 20, rest });
    const figures = Object.entries(seen)
      .map(([what, figure]) => `${what} ${figure.toFixed()}`);
    const load = Deno.loadavg()[0].toFixed(1);
    console.log(
      `${name}, ${count} slow ${kind}: ${figures.join(", ")} (load ${load})`,
    );
  }
}
