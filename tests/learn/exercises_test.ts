/**
 * Every exercise of docs/learn.md, made in a copy of the sources: exactly the
 * tests that the page names fail.
 */

import { assert, assertEquals } from "@std/assert";
import { type Exercise, readExercises } from "./exercises.ts";

const root = new URL("../../", import.meta.url);

const ignore = !(await Promise.all([
  Deno.permissions.query({ name: "run", command: Deno.execPath() }),
  Deno.permissions.query({ name: "read" }),
  Deno.permissions.query({ name: "write" }),
])).every(({ state }) => state === "granted");

/** How many exercises are made at the same time. */
const AT_ONCE = 2;

/** What the tests need; those that are large and on their own stay behind. */
const copied = [
  ...["deno.json", "deno.lock", "main.ts", "mod.ts", "lib", "vendor"],
  "tests",
];
const left = ["browser", "faults", "library", "node_modules"];

/** A copy of the sources, which is gone afterwards. */
class Copy implements AsyncDisposable {
  private constructor(readonly path: string) {}

  static async make(): Promise<Copy> {
    const copy = new Copy(await Deno.makeTempDir());
    for (const name of copied) await copy.#add(name);
    return copy;
  }

  async #add(path: string): Promise<void> {
    const source = new URL(path, root);
    if (!(await Deno.stat(source)).isDirectory) {
      return await Deno.copyFile(source, `${this.path}/${path}`);
    }
    await Deno.mkdir(`${this.path}/${path}`);
    for await (const { name } of Deno.readDir(source)) {
      if (!left.includes(name)) await this.#add(`${path}/${name}`);
    }
  }

  /** Makes the exercise, and puts all as it was. */
  async make(exercise: Exercise): Promise<string[]> {
    const file = `${this.path}/${exercise.file}`;
    const text = await Deno.readTextFile(file);
    const { title, before, after } = exercise;
    assertEquals(text.split(before).length, 2, `${title}: ${before}`);
    await Deno.writeTextFile(file, text.replace(before, () => after));
    try {
      return await this.#failuresOf(exercise.args);
    } finally {
      await Deno.writeTextFile(file, text);
    }
  }

  /** The names of the tests that fail. */
  async #failuresOf(args: string[]): Promise<string[]> {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--no-check", "--reporter=tap", ...args],
      cwd: this.path,
      env: { NO_COLOR: "1" },
    }).output();
    const report = new TextDecoder().decode(stdout);
    const failed = [...report.matchAll(/^not ok \d+ - (.*)$/gm)]
      .map(([, name]) => name);
    const ran = /^(?:not )?ok \d+ - /m.test(report);
    assert(ran, new TextDecoder().decode(stderr));
    return failed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

const exercises = ignore ? [] : readExercises(
  await Deno.readTextFile(new URL("docs/learn.md", root)),
);

Deno.test("each exercise of docs/learn.md makes the tests fail that it names", {
  ignore,
}, async () => {
  assert(exercises.length >= 12);
  const waiting = [...exercises];
  const outcomes: Record<string, string[]> = {};
  const work = async () => {
    await using copy = await Copy.make();
    for (let one = waiting.shift(); one; one = waiting.shift()) {
      outcomes[one.title] = await copy.make(one);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  for (const { title, red } of exercises) {
    assertEquals(outcomes[title].sort(), red.toSorted(), title);
  }
});

Deno.test("the exercises are each in a file of its own, and say what to run", {
  ignore,
}, async () => {
  const files = exercises.map(({ file }) => file);
  assertEquals(new Set(files).size, files.length);
  for (const { args, title } of exercises) {
    assertEquals(args[0], "-A", title);
    await Deno.stat(new URL(args.at(-1)!, root));
  }
});

Deno.test("an exercise is read from its page", () => {
  const page = `# Page

### 1. One: [a.ts](../lib/a.ts)

Text.

\`\`\`diff
-old
+new
+newer
\`\`\`

\`\`\`sh
deno test -A --filter "§1: a " tests/a_test.ts
\`\`\`

Red:

- \`first\`
- \`second\`

## After
`;
  assertEquals(readExercises(page), [{
    title: "1. One: [a.ts](../lib/a.ts)",
    file: "lib/a.ts",
    before: "old\n",
    after: "new\nnewer\n",
    args: ["-A", "--filter", "§1: a ", "tests/a_test.ts"],
    red: ["first", "second"],
  }]);
});
