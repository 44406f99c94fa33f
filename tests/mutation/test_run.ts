/**
 * One run of a group of tests in a copy of the project: it ends at the first
 * failure or at a limit of time, and leaves no process behind.
 *
 * @module
 */
import type { TestGroup } from "./test_groups.ts";

/** What came of it, and the test that failed. */
export type Outcome =
  | { kind: "passed" }
  | { kind: "failed"; test: string; file: string | undefined }
  | { kind: "timed out" };

/** What a run may take, and what ends it. */
export interface RunOptions {
  /** Test files that come first. */
  first?: string[];
  /** In milliseconds; no limit unless given. */
  limit?: number;
  signal?: AbortSignal;
}

/** How much of what the tests print is kept, in characters. */
const MOST_OUTPUT = 1 << 20;

/** Runs the tests of a group in the project at `root`. */
export async function runTests(
  root: string,
  group: TestGroup,
  { first = [], limit, signal }: RunOptions = {},
): Promise<Outcome> {
  signal?.throwIfAborted();
  const cwd = group.configured ? `${root}/${group.configured}` : root;
  const temporary = `${root}.tmp`;
  await Deno.mkdir(temporary, { recursive: true });
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...group.configured
        ? ["test", "--allow-all"]
        : ["task", "--quiet", "test"],
      "--no-check",
      "--fail-fast",
      ...await ignoring(cwd, group),
      ...first,
      ...group.folders,
    ],
    cwd,
    env: { NO_COLOR: "1", DENO_JOBS: "1", TMPDIR: temporary },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
    // A group of processes of its own, which ends as one.
    detached: true,
  }).spawn();
  const output = readTail(child.stdout);
  let isLate = false;
  const end = () => killGroup(child.pid);
  const timer = limit === undefined ? undefined : setTimeout(() => {
    isLate = true;
    end();
  }, limit);
  signal?.addEventListener("abort", end);
  const { success } = await child.status;
  clearTimeout(timer);
  signal?.removeEventListener("abort", end);
  // The tests have ended; a server that one of them started may not have.
  end();
  const text = await output;
  signal?.throwIfAborted();
  if (isLate) return { kind: "timed out" };
  return success ? { kind: "passed" } : readFailure(text);
}

/** `--ignore` takes the place of what the config leaves out: say that again. */
async function ignoring(folder: string, group: TestGroup): Promise<string[]> {
  if (group.ignored.length === 0) return [];
  const { test } = JSON.parse(await Deno.readTextFile(`${folder}/deno.json`));
  return [`--ignore=${[...group.ignored, ...test.exclude ?? []].join()}`];
}

function killGroup(pid: number): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function readTail(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
    text = (text + piece).slice(-MOST_OUTPUT);
  }
  return text;
}

/** Reads the first of the list of failures that `deno test` closes with. */
function readFailure(output: string): Outcome {
  const [, line = "none that was named"] =
    /\n FAILURES \n\n(.+)\n/.exec(output) ?? [];
  const test = line.replace(/ => \S+$/, "");
  const file = /(?:^| => )\.\/([^:$ ]+)/.exec(line)?.[1];
  return { kind: "failed", test, file };
}
