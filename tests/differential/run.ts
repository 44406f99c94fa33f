/**
 * The long run: `deno task differential [SEED [COUNT]]` asks llhttp, and Node.js
 * about a tenth as much, and prints what was met of the table.
 *
 * @module
 */
import { compare, type Comparison } from "./differential.ts";
import { disagreements } from "./disagreements.ts";
import { askLlhttp } from "./llhttp.ts";
import { NodeHttp } from "./node_http.ts";

const [seed = 1, count = 1_000_000] = Deno.args.map(Number);
if (!Number.isSafeInteger(seed) || !(count > 0)) {
  console.error("Cannot run: say deno task differential SEED COUNT");
  Deno.exit(2);
}

function print(name: string, found: Comparison, seconds: number): void {
  console.log(
    `${name}, seed ${seed}: ${found.messages} messages in ` +
      `${found.conversations} conversations, ${found.agreed} accepted by both ` +
      `in conversations without difference; ${seconds.toFixed(1)} s ` +
      `(${Math.round(found.messages / seconds)}/s); ` +
      `${found.unlisted.length} unlisted differences`,
  );
  for (const { about, section, weAre } of disagreements) {
    const times = String(found.listed.get(about) ?? 0).padStart(7);
    console.log(`${times}  we are ${weAre}  ${about} (${section})`);
  }
  for (const difference of found.unlisted.slice(0, 10)) {
    console.log(JSON.stringify(difference, null, 2));
  }
}

async function run(name: string, comparing: () => Promise<Comparison>) {
  const start = performance.now();
  const found = await comparing();
  print(name, found, (performance.now() - start) / 1000);
  return found.unlisted.length;
}

let unlisted = await run("llhttp", () => compare(askLlhttp, seed, count));
await using node = await NodeHttp.start();
unlisted += await run(
  "node:http",
  () => compare((octets) => node.ask(octets), seed, count / 10),
);
Deno.exitCode = unlisted > 0 ? 1 : 0;
