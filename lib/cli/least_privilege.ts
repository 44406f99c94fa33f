/**
 * Tells a person who has allowed more than the command needs what would be
 * enough.
 *
 * In: the arguments, and what the command has asked for. Out: a sentence. It
 * changes no permission.
 *
 * @module
 */

import { dropped, type Need, scopeOf, shellWord } from "./permissions.ts";

/**
 * Without bounds these are more than needed. Not so `net`: it is given up before
 * the first request, whatever it was.
 */
const unbounded = [
  ...["read", "write"] as const,
  ...dropped.filter((name) => name !== "net"),
];

/** Undefined if nothing was allowed beyond what is needed. */
export async function adviceOnExcess(
  args: readonly string[],
  needs: readonly Need[],
): Promise<string | undefined> {
  const excess: string[] = [];
  for (const name of unbounded) {
    const { state } = await Deno.permissions.query({ name });
    if (state === "granted") excess.push(name);
  }
  if (excess.length === 0) return undefined;
  return `More is allowed than needed (${
    excess.join(", ")
  }). This is enough: ` +
    commandFor(args, needs);
}

/** The command that grants just what is needed. */
function commandFor(
  args: readonly string[],
  needs: readonly Need[],
): string {
  const flags = (["net", "read", "write", "sys"] as const).flatMap((name) => {
    const values = needs.filter((need) => need.name === name)
      .map(scopeOf);
    return values.length > 0
      ? [`--allow-${name}=${[...new Set(values)].join(",")}`]
      : [];
  });
  const words = ["deno", "run", ...flags, mainModule(), ...args];
  return words.map(shellWord).join(" ");
}

/** As it can be written behind `deno run`. */
function mainModule(): string {
  const { protocol, pathname, href } = new URL(
    "../../main.ts",
    import.meta.url,
  );
  return protocol === "file:" ? decodeURIComponent(pathname) : href;
}
