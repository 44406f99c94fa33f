/**
 * Finds the routes of a table that may match a path, in their order. The
 * segments of the path rule out most others, so that a thousand routes take
 * hardly longer than ten. The pattern of a route decides whether it does match.
 *
 * @module
 */

import type { RoutePattern } from "./plain_pattern.ts";

/** The part of a route that the index needs. */
type KnownPattern = Pick<RoutePattern, "pathname" | "heedsCase">;

/** A node for all paths that begin with the same segments. */
interface Node {
  /** The next segment by its text. */
  literals: Map<string, Node>;
  /** The next segment, whatever its text. */
  any?: Node;
  /** The patterns that end here. */
  here: number[];
  /** The patterns that begin here and end somewhere unknown. */
  below: number[];
}

/**
 * The largest table for which trying every route is as fast as looking one up.
 */
const FEW = 8;

const newNode = (): Node => ({ literals: new Map(), here: [], below: [] });

/** Finds the routes that may match a path. */
export class RouteIndex<Indexed extends KnownPattern> {
  readonly #root = newNode();
  readonly #table: readonly Indexed[];

  /** Creates the index of a table. */
  constructor(table: readonly Indexed[]) {
    this.#table = table;
    for (const [place, route] of table.entries()) this.#add(route, place);
  }

  /** Returns the routes that may match a path, in the order of the table. */
  candidates(path: string): readonly Indexed[] {
    if (this.#table.length <= FEW) return this.#table;
    const places: number[] = [];
    collect(this.#root, path, 1, places);
    if (places.length > 1) places.sort((one, other) => one - other);
    return places.map((place) => this.#table[place]);
  }

  #add(route: KnownPattern, place: number): void {
    const { segments, rest } = segmentsOf(route);
    let node = this.#root;
    for (const segment of segments) {
      let next = segment.startsWith(":")
        ? node.any
        : node.literals.get(segment);
      if (!next) {
        next = newNode();
        if (segment.startsWith(":")) node.any = next;
        else node.literals.set(segment, next);
      }
      node = next;
    }
    (rest === "" ? node.here : node.below).push(place);
  }
}

/**
 * Adds the routes for the rest of the path, whose next segment begins at
 * `start`.
 */
function collect(
  node: Node,
  path: string,
  start: number,
  found: number[],
): void {
  for (const place of node.below) found.push(place);
  if (start > path.length) {
    for (const place of node.here) found.push(place);
    return;
  }
  let end = path.indexOf("/", start);
  if (end === -1) end = path.length;
  const next = node.literals.get(path.slice(start, end));
  if (next) collect(next, path, end + 1, found);
  if (node.any && end > start) collect(node.any, path, end + 1, found);
}

/**
 * Splits a pattern into its first segments, as far as each is plain text or one
 * parameter, and the rest. `/:id?` belongs to the rest, because its `/` may be
 * missing. A pattern that may ignore case is all rest.
 */
function segmentsOf(
  { pathname, heedsCase }: KnownPattern,
): { segments: string[]; rest: string } {
  const segments: string[] = [];
  if (!heedsCase) return { segments, rest: pathname };
  const segment = /\/([-.~\w]*|:[A-Za-z_]\w*)(?=\/|$)/y;
  let end = 0;
  for (let found; (found = segment.exec(pathname)); end = segment.lastIndex) {
    segments.push(found[1]);
  }
  return { segments, rest: pathname.slice(end) };
}
