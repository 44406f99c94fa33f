/**
 * The words on the command line go in, what to measure comes out; what is not
 * understood is refused, lest it be ignored.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";

/** What to measure, and how. */
export interface BenchOptions {
  help: boolean;
  /** One round, without what takes long. */
  quick: boolean;
  /** Whether to print the ratios that are watched, too. */
  ratios: boolean;
  /** Names of workloads. Default: all. */
  only?: string[];
  /** Parts of the names of servers, in lower case. Default: all. */
  servers?: string[];
  /** The commit to measure beside the present state. Default: none. */
  compare?: string;
  rounds: number;
  /** For how long each load runs. */
  seconds: number;
}

/** What there is to choose from. */
export interface Choices {
  workloads: string[];
  servers: string[];
}

/** The command line is wrong; the message says how to put it right. */
export class UsageError extends Error {}

/** What `--help` says before the names of the workloads. */
export const usage =
  `deno task bench [--quick] [--only NAME,…] [--servers NAME,…] [--compare REF]
                [--rounds N] [--seconds N] [--ratios]

  --quick         one round, without what takes long
  --only NAME,…   only these workloads
  --servers NAME,…
                  ours, and the others with one of these in their names
  --compare REF   ours of another commit too, in the same rounds, and what the
                  present state is beside it
  --rounds N      how often each server has its turn: 5, with --quick 1
  --seconds N     for how long each load runs: 1
  --ratios        also what is watched, workload by workload
`;

/** Throws a {@link UsageError}. */
export function parseOptions(args: string[], choices: Choices): BenchOptions {
  const { help, quick, ratios, only, servers, compare, rounds, seconds } =
    parseArgs(args, {
      boolean: ["quick", "help", "ratios"],
      string: ["only", "servers", "compare", "rounds", "seconds"],
      alias: { help: "h" },
      unknown: refuse,
    });
  return {
    help,
    quick,
    ratios,
    only: parseNames("--only", only, choices.workloads, isSame),
    servers: parseNames("--servers", servers, choices.servers, isPart),
    compare: parseCommit(compare),
    rounds: parseCount("--rounds", rounds) ?? (quick ? 1 : 5),
    seconds: parseCount("--seconds", seconds) ?? 1,
  };
}

function refuse(argument: string): never {
  throw new UsageError(
    `Cannot read the command line: got "${argument}"; --help tells the options`,
  );
}

function parseCommit(text: string | undefined): string | undefined {
  if (text !== "") return text;
  throw new UsageError(
    "Cannot compare: --compare needs a commit, such as --compare HEAD~1",
  );
}

/** wrk takes whole seconds. */
function parseCount(
  option: string,
  text: string | undefined,
): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new UsageError(
    `Cannot read ${option}: it takes a whole number from 1, got "${text}"`,
  );
}

const isSame = (name: string, choice: string) => name === choice;

const isPart = (part: string, choice: string) =>
  part !== "" && choice.toLowerCase().includes(part);

function parseNames(
  option: string,
  text: string | undefined,
  choices: string[],
  isChosen: (name: string, choice: string) => boolean,
): string[] | undefined {
  const names = text?.toLowerCase().split(",");
  for (const name of names ?? []) {
    if (choices.some((choice) => isChosen(name, choice))) continue;
    throw new UsageError(
      `Cannot read ${option}: there is no "${name}" among ` +
        [...new Set(choices)].map((choice) => `"${choice}"`).join(", "),
    );
  }
  return names;
}
