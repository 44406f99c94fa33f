/**
 * Writes what X-ray shows of the code that decides each part of a message, and
 * of the test that proves it: a few lines of each, so that a page needs neither
 * the sources nor a network.
 *
 *     deno task sources
 *
 * @module
 */

import {
  fields,
  kinds,
  type Place,
  type Proof,
  refusalTests,
} from "./source_link_table.ts";

const root = new URL("../", import.meta.url);

/** Where the result is. */
export const module = new URL("lib/page/browser/sources.js", root);

/** The most lines of one piece. */
const MOST_LINES = 24;

/** What the module exports. */
export interface Sources {
  /** Lines of code, by `path:line` of the first of them. */
  pieces: Record<string, string>;
  /** The code and the test, by the kind of a part. */
  kinds: Record<string, [code: string, test: string]>;
  /** The same by the name of a field. */
  fields: Record<string, [code: string, test: string]>;
  /** The same by the reason for an error, without its section. */
  refusals: Record<string, [code: string, test: string]>;
}

/** Finds all of it in the sources as they are now. */
export async function findSources(): Promise<Sources> {
  const pieces: Record<string, string> = {};
  const texts = new Map<string, string[]>();
  const linesOf = async (path: string) => {
    const known = texts.get(path);
    if (known) return known;
    const text = await Deno.readTextFile(new URL(path, root));
    const lines = text.split("\n");
    texts.set(path, lines);
    return lines;
  };
  const find = async ([path, words]: Place) => {
    const lines = await linesOf(path);
    const found = lines.flatMap((line, at) => line.includes(words) ? [at] : []);
    if (found.length !== 1) {
      throw new Error(
        `Cannot find ${
          JSON.stringify(words)
        } in ${path}: it stands there ${found.length} times`,
      );
    }
    return add(path, pieceAt(lines, found[0]));
  };
  const add = (path: string, { from, text }: Piece) => {
    const name = `${path}:${from + 1}`;
    pieces[name] = text;
    return name;
  };
  const prove = async (table: Record<string, Proof>) => {
    const found: Record<string, [string, string]> = {};
    for (const [name, { code, test }] of Object.entries(table)) {
      found[name] = [await find(code), await find(test)];
    }
    return found;
  };
  const all = { kinds: await prove(kinds), fields: await prove(fields) };
  const proofs = [...Object.values(all.kinds), ...Object.values(all.fields)];
  const testOf = async (reason: string, code: string) =>
    Object.hasOwn(refusalTests, reason)
      ? await find(refusalTests[reason])
      : (proofs.find(([other]) => other === code) ?? all.kinds.wrong)[1];
  const refusals: Sources["refusals"] = {};
  for (const path of await refusingFiles()) {
    const lines = await linesOf(path);
    for (const [at, line] of lines.entries()) {
      const context = lines.slice(Math.max(0, at - 3), at + 1).join("\n");
      if (!/ProtocolError\(|message: \(/.test(context)) continue;
      const [, reason] =
        /["`]([A-Z][^"`]*?)(?: \(RFC \d+ §[\d.]+\))?["`]/.exec(line) ?? [];
      if (reason?.includes(" ") && !reason.includes("${")) {
        const code = add(path, functionAround(lines, at));
        refusals[reason] = [code, await testOf(reason, code)];
      }
    }
  }
  return { pieces, ...all, refusals };
}

/** The module with it. */
export function moduleOf(sources: Sources): string {
  return `// Written by \`deno task sources\`: lines of the code and of its tests.

${
    Object.entries(sources).map(([name, value]) =>
      `export const ${name} = ${JSON.stringify(value, null, 1)};\n`
    ).join("\n")
  }`;
}

/** The files whose errors say which section they keep. */
async function refusingFiles(): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir(new URL("lib/wire", root))) {
    found.push(`lib/wire/${name}`);
  }
  return found.sort();
}

interface Piece {
  from: number;
  text: string;
}

/** The declaration or the statement that the line is in, with its comment. */
export function pieceAt(lines: readonly string[], at: number): Piece {
  let from = at;
  // What a table or a call says of itself begins above.
  while (!beginsPiece(lines[from])) from = lineAbove(lines, from);
  return cut(lines, from);
}

function beginsPiece(line: string): boolean {
  return !/^\s*(?:(?:name|send|answers|"[^"]*"|`[^`]*`)[,:]?|"[^"]*",?$|\))/
    .test(line);
}

/** The function or the constant at the margin that the line is in. */
function functionAround(lines: readonly string[], at: number): Piece {
  let from = at;
  while (
    indentOf(lines[from]) > 0 &&
    !/^ {2}(?:async |get )?#?\w+\(/.test(lines[from])
  ) {
    from = lineAbove(lines, from);
  }
  return cut(lines, from, at);
}

/** The nearest line above that stands further left, and begins something. */
function lineAbove(lines: readonly string[], at: number): number {
  const own = indentOf(lines[at]);
  let above = at - 1;
  const isInside = () =>
    lines[above].trim() === "" || indentOf(lines[above]) >= own ||
    // The end of a signature of several lines.
    /^\s*[)\]}]/.test(lines[above]);
  while (isInside()) above--;
  return above;
}

/** All from a line on to where it ends, and the comment before it. */
function cut(lines: readonly string[], at: number, shown = at): Piece {
  const indent = indentOf(lines[at]);
  let to = at;
  if (!/[;,]$/.test(lines[at]) || /[([{]$/.test(lines[at])) {
    do to++; while (
      lines[to].trim() === "" || indentOf(lines[to]) > indent ||
      // A signature of several lines ends before its body does.
      /^\s*[)\]}].*[{([]$/.test(lines[to])
    );
  }
  let from = at;
  while (from > 0 && /^\s*(?:\/\*\*|\*|\/\/)/.test(lines[from - 1])) from--;
  // A long comment is worth less than the line that is meant.
  if (shown - from >= MOST_LINES) from = at;
  const end = Math.min(to, Math.max(from + MOST_LINES - 1, shown + 3));
  const piece = lines.slice(from, end + 1).map((line) => line.slice(indent));
  return { from, text: [...piece, ...end < to ? ["…"] : []].join("\n") };
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

if (import.meta.main) {
  await Deno.writeTextFile(module, moduleOf(await findSources()));
}
