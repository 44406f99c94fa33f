/**
 * `deno task compare [REF [COUNT]]`: holds the same conversations with the
 * library of commit REF and with that of the working tree, and prints what
 * differs: octets, exchange records, state moves, what handlers are told.
 *
 * @module
 */
import { compareTrees, type Kind } from "./compare.ts";
import { layOutCommit, projectRoot, reference } from "./tree.ts";
import { wanted } from "./wanted.ts";

/** The most characters of a line that are printed. */
const MOST = 600;

const [ref = reference, given = "1000000"] = Deno.args;
const count = Number(given);
if (!Number.isSafeInteger(count) || count < 0) {
  console.error("Cannot compare: say deno task compare REF COUNT");
  Deno.exit(2);
}

try {
  Deno.exit(await compareWith(ref));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(1);
}

/** @returns the exit code. */
async function compareWith(ref: string): Promise<number> {
  await using tree = await layOutCommit(ref);
  const start = performance.now();
  const options = { count, wanted };
  const outcome = await compareTrees(tree.root, projectRoot, options);
  for (const kind of outcome.kinds) print(kind);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  const unwanted = outcome.kinds.filter(({ wanted }) => !wanted);
  console.log(
    `${outcome.conversations} conversations, ${outcome.messages} generated ` +
      `messages among them, in ${seconds} s: ${outcome.kinds.length} kinds of ` +
      `differences, ${unwanted.length} of them not wanted`,
  );
  return unwanted.length === 0 ? 0 : 1;
}

function print({ count, example, wanted }: Kind): void {
  const { aspect, before, after, sent, cuts } = example;
  console.log(`${wanted ? `Wanted: ${wanted.reason}` : "Not wanted"}`);
  console.log(`  ${aspect}, ${count} times`);
  console.log(`  before: ${escaped(before)}`);
  console.log(`  after:  ${escaped(after)}`);
  console.log(`  sent:   ${escaped(sent)}`);
  const shown = cuts.length > 20 ? `${cuts.length} pieces` : cuts.join("+");
  console.log(`  in:     ${shown}\n`);
}

function escaped(text: string): string {
  const json = JSON.stringify(text).replaceAll(
    /[\x7f-\uffff]/g,
    (character) =>
      `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return json.length > MOST ? `${json.slice(0, MOST)}…` : json;
}
