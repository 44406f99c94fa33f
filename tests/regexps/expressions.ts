/**
 * The regular expressions of lib/: those that are written as literals, out of the
 * syntax tree, and those that are put together, as they are when it is loaded.
 *
 * @module
 */

/** An expression, and where it is. */
export interface Expression {
  path: string;
  source: string;
  flags: string;
}

const root = new URL("../../", import.meta.url);

/** The modules that a server runs: not those of the pages. */
function* modules(folder = "lib/"): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, root))) {
    const path = folder + name;
    if (path === "lib/page/browser") continue;
    if (isDirectory) yield* modules(`${path}/`);
    else if (name.endsWith(".ts")) yield path;
  }
}

/**
 * Made of an operator's patterns, with two `*` and for names of 255 characters at
 * most: `tests/files/path_pattern_test.ts` looks for what they cost.
 */
const ofOperators = ["lib/files/path_pattern.ts"];

/** All of them, except for those of operators. */
export async function expressions(): Promise<Expression[]> {
  const found: Expression[] = [];
  for (const path of modules()) {
    const { literals, made } = inSource(path);
    found.push(...literals);
    if (made > 0 && !ofOperators.includes(path)) {
      found.push(...await asLoaded(path, made));
    }
  }
  return found;
}

/** The literals of a module, and how often it calls RegExp. */
function inSource(path: string): { literals: Expression[]; made: number } {
  const literals: Expression[] = [];
  let made = 0;
  const count = (
    { callee }: Deno.lint.NewExpression | Deno.lint.CallExpression,
  ) => {
    if (callee.type === "Identifier" && callee.name === "RegExp") made++;
  };
  Deno.lint.runPlugin(
    {
      name: "expressions",
      rules: {
        all: {
          create: () => ({
            Literal(node) {
              if (!("regex" in node) || !node.regex) return;
              const { pattern, flags } = node.regex;
              literals.push({ path, source: pattern, flags });
            },
            NewExpression: count,
            CallExpression: count,
          }),
        },
      },
    },
    path,
    Deno.readTextFileSync(new URL(path, root)),
  );
  return { literals, made };
}

/** The expressions that a module makes when it is loaded. */
async function asLoaded(path: string, made: number): Promise<Expression[]> {
  const found: Expression[] = [];
  const Native = RegExp;
  globalThis.RegExp = new Proxy(Native, {
    construct(target, given, newTarget) {
      const made = Reflect.construct(target, given, newTarget) as RegExp;
      found.push({ path, source: made.source, flags: made.flags });
      return made;
    },
  });
  try {
    // With a search it is loaded anew, whoever has loaded it before.
    await import(`${new URL(path, root)}?expressions`);
  } finally {
    globalThis.RegExp = Native;
  }
  if (found.length < made) {
    throw new Error(`${path} makes an expression later than it is loaded`);
  }
  return found;
}
