/**
 * `deno task test:plain [FILE…]`: runs the tests, in a copy of the project, as
 * they run on a Deno where no stand-in behaves: every probe of one fails. What is
 * done the plain way must pass the same tests.
 *
 * @module
 */
import { copyFiles, listFiles, projectRoot } from "../mutation/project_copy.ts";

/** The function that all probes go through, and what it says. */
const probe =
  /(?<=\nfunction passes\(trial: \(\) => boolean\): boolean \{)[^]*?(?=\n\}\n)/;

const copy = await Deno.makeTempDir({ prefix: "plain-" });
try {
  const files = await listFiles(projectRoot);
  await copyFiles(files, projectRoot, copy);
  await failProbes(files.filter((path) => /^lib\/.*\.ts$/.test(path)));
  await tellTests();
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "test", ...Deno.args],
    cwd: copy,
  }).spawn().status;
  Deno.exitCode = code;
} finally {
  await Deno.remove(copy, { recursive: true });
}

/** Tests of the stand-ins themselves are ignored, or expect no more. */
async function tellTests(): Promise<void> {
  const path = `${copy}/tests/lazy/lazy.ts`;
  const code = await Deno.readTextFile(path);
  const told = code.replace(
    "areStandInsUsed: boolean = true;",
    "areStandInsUsed: boolean = false;",
  );
  if (told === code) throw new Error("Cannot tell the tests: found no place");
  await Deno.writeTextFile(path, told);
  await ignoreExample(
    `${copy}/lib/handler.ts`,
    "A WebSocket that echoes messages",
  );
}

/** An example of what can't be done the plain way. */
async function ignoreExample(path: string, title: string): Promise<void> {
  const code = await Deno.readTextFile(path);
  const example = new RegExp(`(?<=@example ${title}[^\\n]*\\n \\* \`\`\`ts)`);
  if (!example.test(code)) throw new Error(`Cannot find the example: ${title}`);
  await Deno.writeTextFile(path, code.replace(example, " ignore"));
}

/** Throws unless there is one such function, or this would test nothing. */
async function failProbes(modules: string[]): Promise<void> {
  let count = 0;
  for (const path of modules) {
    const code = await Deno.readTextFile(`${copy}/${path}`);
    if (!probe.test(code)) continue;
    count++;
    const failing = code.replace(probe, "\n  return trial === undefined;");
    await Deno.writeTextFile(`${copy}/${path}`, failing);
  }
  if (count !== 1) throw new Error(`Cannot fail the probes: found ${count}`);
}
