/**
 * A table of routes goes in; out come, for a path, those that may match it, in
 * their order. Each is found by the plain segments that its pattern begins with,
 * so that a thousand routes take hardly longer than ten.
 *
 * @module
 */

/** What is known of a route: its pattern, and whether that ignores case. */
export interface Indexed {
  pattern: URLPattern;
  ignoresCase: boolean;
}

/** The routes whose plain segments end here, and where others go on. */
interface Node<Entry> {
  own: Entry[];
  parent: Node<Entry> | undefined;
  children: Map<string, Node<Entry>>;
  /** Those of this node and of all above it, once somebody has asked. */
  candidates?: Entry[];
}

/** Finds routes by the beginning of their paths. */
export class RouteIndex<Entry extends Indexed> {
  #root: Node<Entry> = { own: [], parent: undefined, children: new Map() };
  #order = new Map<Entry, number>();

  /** Makes an index of a table. */
  constructor(table: readonly Entry[]) {
    for (const [at, entry] of table.entries()) {
      this.#order.set(entry, at);
      this.#nodeOf(plainSegments(entry)).own.push(entry);
    }
  }

  /** The routes that may match a path, in the order of the table. */
  candidates(path: string): Entry[] {
    let node = this.#root;
    let start = 1;
    while (node.children.size > 0) {
      const slash = path.indexOf("/", start);
      const end = slash === -1 ? path.length : slash;
      const child = node.children.get(path.slice(start, end));
      if (!child) break;
      node = child;
      start = end + 1;
    }
    return node.candidates ??= this.#gather(node);
  }

  #nodeOf(segments: string[]): Node<Entry> {
    let node = this.#root;
    for (const segment of segments) {
      let child = node.children.get(segment);
      if (!child) {
        child = { own: [], parent: node, children: new Map() };
        node.children.set(segment, child);
      }
      node = child;
    }
    return node;
  }

  #gather(node: Node<Entry>): Entry[] {
    const entries: Entry[] = [];
    for (
      let each: Node<Entry> | undefined = node;
      each;
      each = each.parent
    ) entries.push(...each.own);
    return entries.sort((a, b) => this.#order.get(a)! - this.#order.get(b)!);
  }
}

/** The segments that a path must have to match, as far as they are plain text. */
function plainSegments({ pattern, ignoresCase }: Indexed): string[] {
  const { pathname } = pattern;
  if (ignoresCase || !pathname.startsWith("/")) return [];
  const segments = pathname.slice(1).split("/");
  const end = segments.findIndex((segment) => !/^[-.~\w]+$/.test(segment));
  // `/a{/b}?` and the like are not plain, so neither is what they stand behind.
  return end === -1 ? segments : segments.slice(0, end);
}
