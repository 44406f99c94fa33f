/**
 * Reads the exercises of docs/learn.md: what to change in which file, what to
 * run, and which tests then fail.
 *
 * @module
 */

/** One exercise. */
export interface Exercise {
  title: string;
  /** The file to change, from the top of the repository. */
  file: string;
  before: string;
  after: string;
  /** What to run, after `deno test`. */
  args: string[];
  /** The names of the tests that fail. */
  red: string[];
}

/** The exercises of a page, in order. */
export function readExercises(page: string): Exercise[] {
  return page.split(/^### /m).slice(1)
    .map((part) => part.split(/^## /m)[0])
    .map(readExercise);
}

function readExercise(part: string): Exercise {
  const [title] = part.split("\n");
  const find = (what: string, pattern: RegExp) => {
    const found = pattern.exec(part);
    if (!found) throw new Error(`Cannot find ${what} in: ${title}`);
    return found[1];
  };
  const diff = find("a diff", /^```diff\n(.*?)^```$/ms).split("\n");
  const linesOf = (sign: string) =>
    diff.filter((line) => line.startsWith(sign))
      .map((line) => `${line.slice(1)}\n`).join("");
  const command = find("a command", /^```sh\ndeno test (.*)\n```$/m);
  return {
    title,
    file: find("a file", /\]\(\.\.\/(lib\/[^)]+)\)/),
    before: linesOf("-"),
    after: linesOf("+"),
    // An argument in quotes may contain spaces.
    args: [...command.matchAll(/"([^"]*)"|(\S+)/g)]
      .map(([, quoted, word]) => quoted ?? word),
    red: [
      ...find("what is red", /^Red:\n\n((?:- `.*`\n)+)/m).matchAll(/`(.*)`/g),
    ]
      .map(([, name]) => name),
  };
}
