/**
 * Mutation testing: `deno task mutate [SEED [COUNT]]` makes COUNT small mistakes
 * in `lib/wire/`, `lib/server/` and `lib/files/`, one at a time and each in a
 * copy of the project, and asks the tests. SEED, a commit's hash or its
 * beginning, chooses the places; without one it is HEAD's.
 *
 *     --jobs=N     how many mutants are judged at the same time (2)
 *     --only=N,…   judge only these of the COUNT mutants
 *
 * Exits with 1 if a mutant survived that `explained.json` does not explain. A
 * run that was broken off goes on where it stopped, unless a file has changed. A
 * mutant may do whatever the tests may do.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { judgeAll, measure } from "./campaign.ts";
import {
  copyFiles,
  digestFiles,
  headCommit,
  listFiles,
  projectRoot,
} from "./project_copy.ts";
import {
  type Judged,
  keyOf,
  type Named,
  readExplanations,
  readRecords,
} from "./records.ts";
import { chooseSites, findAllSites } from "./sites.ts";

const { seed, count, jobs, only } = await readArguments();
const explain = await readExplanations();
const files = await listFiles(projectRoot);
const digest = await digestFiles(files, projectRoot);
const records = `${projectRoot}/tests/mutation/runs/${seed}-${digest}.jsonl`;
const sites = await findAllSites(projectRoot);
const chosen = chooseSites(sites, Number.parseInt(seed, 16), count)
  .map((site, index) => ({ ...site, number: index + 1 }))
  .filter(({ number }) => only?.has(number) ?? true);
console.log(
  `${chosen.length} of ${sites.length} mutants, of seed ${seed}; ` +
    `written down in ${records}`,
);

const scratch = await Deno.makeTempDir({ prefix: "mutation-" });
// What is served from in there is also read by nginx, as another user.
await Deno.chmod(scratch, 0o711);
const stop = new AbortController();
Deno.addSignalListener("SIGINT", () => stop.abort());
Deno.addSignalListener("SIGTERM", () => stop.abort());
const { signal } = stop;
try {
  const copies = Array.from({ length: jobs }, (_, job) => `${scratch}/${job}`);
  for (const copy of copies) await copyFiles(files, projectRoot, copy);
  const options = { copies, records, signal, onJudged: print };
  const known = await readRecords(records);
  const durations = await measure(
    known.filter((record) => "group" in record),
    options,
  );
  const earlier = new Map(
    known.filter((record) => "verdict" in record)
      .map((record) => [placeOf(record), record]),
  );
  const judged = chosen.flatMap((site) => {
    const record = earlier.get(placeOf(site));
    return record ? [{ ...record, number: site.number }] : [];
  });
  judged.forEach(print);
  const missing = chosen.filter((site) => !earlier.has(placeOf(site)));
  judged.push(...await judgeAll(missing, durations, options));
  summarize(judged);
} catch (error) {
  console.error(signal.aborted ? "Broken off" : error);
  Deno.exitCode = 2;
} finally {
  // After an error in one copy, tests still run in another.
  stop.abort();
  await Deno.remove(scratch, { recursive: true });
}
// What listens for signals would keep the process alive.
Deno.exit();

function placeOf(mutant: Named & { line: number }): string {
  return `${mutant.line} ${keyOf(mutant)}`;
}

function print(mutant: Judged): void {
  const { number, file, line, operator, verdict, seconds } = mutant;
  const reason = verdict.kind === "survived" ? explain(mutant) : verdict.by;
  console.log(`
${number}. ${verdict.kind}: ${file}:${line}, ${operator} (${seconds} s)
   - ${mutant.before}
   + ${mutant.after}${reason === undefined ? "" : `\n   ${reason}`}`);
}

function summarize(judged: readonly Judged[]): void {
  const ofKind = (kind: string) =>
    judged.filter(({ verdict }) => verdict.kind === kind);
  const survivors = ofKind("survived");
  const unexplained = survivors.filter((it) => explain(it) === undefined);
  const seconds = judged.reduce((sum, it) => sum + it.seconds, 0);
  console.log(
    `
seed ${seed}: ${judged.length} mutants, ${ofKind("killed").length} killed, ` +
      `${
        ofKind("timed out").length
      } timed out, ${survivors.length} survived, ` +
      `${unexplained.length} of them without a reason; ` +
      `${(seconds / judged.length).toFixed(1)} s for each`,
  );
  for (const it of ofKind("killed").filter(explain)) {
    console.log(`${it.number} is explained, but killed: remove its reason`);
  }
  for (const { number, file, line, operator } of unexplained) {
    console.log(`${number} survived: ${file}:${line}, ${operator}`);
  }
  Deno.exitCode = unexplained.length > 0 ? 1 : 0;
}

async function readArguments() {
  const { _: words, ...options } = parseArgs(Deno.args, {
    string: ["_", "jobs", "only"],
    default: { jobs: "2" },
  });
  const [seed = await headCommit(projectRoot), count = "60"] = words.map(
    String,
  );
  const only = options.only?.split(",").map(Number);
  const numbers = [Number(count), Number(options.jobs), ...only ?? []];
  if (
    words.length > 2 || !/^[\da-f]+$/.test(seed) ||
    !numbers.every((number) => Number.isSafeInteger(number) && number > 0)
  ) {
    console.error(
      "Cannot run: say deno task mutate [SEED [COUNT]] [--jobs=N] " +
        "[--only=N,…], where SEED is a commit's hash",
    );
    Deno.exit(2);
  }
  return {
    // Eight digits are as many as the generator of random choices takes.
    seed: seed.slice(0, 8),
    count: Number(count),
    jobs: Number(options.jobs),
    only: only && new Set(only),
  };
}
