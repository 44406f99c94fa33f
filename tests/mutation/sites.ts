/**
 * Where the source can be mutated, and which of these places a seed chooses.
 *
 * @module
 */
import ts from "typescript";
import { Random } from "../fuzz/random.ts";
import { isLeftAlone, operators } from "./operators.ts";

/** The folders of lib/ that are mutated. */
export const rooms = ["wire", "server", "files"] as const;

export type Room = typeof rooms[number];

/** One possible mutation. */
export interface Site {
  room: Room;
  /** From the root of the project: `lib/wire/grammar.ts`. */
  file: string;
  line: number;
  operator: string;
  /** The lines that change, as they are and mutated, on one line each. */
  before: string;
  after: string;
  /** The whole file, mutated. */
  mutated: string;
}

/** All sites in a file, in the order of the source. */
export function findSites(room: Room, file: string, source: string): Site[] {
  const tree = parse(source);
  const sites: Site[] = [];
  const visit = (node: ts.Node): void => {
    if (isLeftAlone(node)) return;
    for (const { name, mutate } of operators) {
      const text = mutate(node, tree);
      if (text === undefined) continue;
      const [start, end] = [node.getStart(tree), node.getEnd()];
      const mutated = source.slice(0, start) + text + source.slice(end);
      if (!isWellFormed(mutated)) continue;
      const { line } = tree.getLineAndCharacterOfPosition(start);
      sites.push({
        room,
        file,
        line: line + 1,
        operator: name,
        ...linesThatChange(source, mutated),
        mutated,
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return sites;
}

/** All sites of the three rooms of a project. */
export async function findAllSites(root: string): Promise<Site[]> {
  const sites: Site[] = [];
  for (const room of rooms) {
    const names = [...Deno.readDirSync(`${root}/lib/${room}`)]
      .map(({ name }) => name).filter((name) => name.endsWith(".ts")).sort();
    for (const name of names) {
      const file = `lib/${room}/${name}`;
      const source = await Deno.readTextFile(`${root}/${file}`);
      sites.push(...findSites(room, file, source));
    }
  }
  return sites;
}

/**
 * Chooses from each pair of a room and an operator in turn, so that the three
 * rooms and the six operators get equal shares as long as they have sites left.
 */
export function chooseSites(
  sites: readonly Site[],
  seed: number,
  count: number,
): Site[] {
  const random = new Random(seed);
  const shares = [
    ...Map.groupBy(sites, (site) => `${site.room} ${site.operator}`).values(),
  ].map((share) => shuffle(share, random));
  const turns = shuffle(shares, random);
  const chosen: Site[] = [];
  for (let round = 0; chosen.length < count; round++) {
    const picked = turns.flatMap((share) => share.slice(round, round + 1));
    if (picked.length === 0) break;
    chosen.push(...picked);
  }
  return chosen.slice(0, count);
}

function shuffle<T>(list: readonly T[], random: Random): T[] {
  const rest = [...list];
  return list.map(() => rest.splice(random.below(rest.length), 1)[0]);
}

function parse(source: string): ts.SourceFile {
  return ts.createSourceFile("x.ts", source, ts.ScriptTarget.Latest, true);
}

function isWellFormed(source: string): boolean {
  // Not in the public types, but the one way to ask without compiling.
  const { parseDiagnostics } = parse(source) as ts.SourceFile & {
    parseDiagnostics: readonly ts.Diagnostic[];
  };
  return parseDiagnostics.length === 0;
}

/** What is left without the lines that are the same at both ends. */
function linesThatChange(
  source: string,
  mutated: string,
): { before: string; after: string } {
  const [before, after] = [source.split("\n"), mutated.split("\n")];
  while (before[0] === after[0]) {
    before.shift();
    after.shift();
  }
  while (
    before.length > 1 && after.length > 1 && before.at(-1) === after.at(-1)
  ) {
    before.pop();
    after.pop();
  }
  return { before: onOneLine(before), after: onOneLine(after) };
}

function onOneLine(lines: string[]): string {
  return lines.join(" ").replace(/\s+/g, " ").trim();
}
