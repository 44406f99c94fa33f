/**
 * What Deno lets this process do: what is granted already, what a person at a
 * terminal grants when asked, and which flag to add otherwise. It does not know
 * what a permission is for.
 *
 * @module
 */

import { quoted } from "./messages.ts";

/** A permission that the command needs, as narrow as it can be. */
export type Need =
  | { name: "read" | "write"; path: string }
  | { name: "net"; host: string };

/**
 * Nothing when the need is granted, else what to change, such as
 * `add --allow-read=./public`. On a terminal it asks; elsewhere Deno itself
 * answers no.
 */
export async function obtain(need: Need): Promise<string | undefined> {
  const { state } = await Deno.permissions.query(need);
  if (state === "granted") return undefined;
  if (state === "denied") return `remove --deny-${need.name}`;
  const answer = await Deno.permissions.request(need);
  if (answer.state === "granted") return undefined;
  // Deno's flags take a comma for the end of a path, and know no escape.
  return "path" in need && need.path.includes(",")
    ? "choose a path without a comma"
    : `add ${flagFor(need)}`;
}

/** The flag that grants it, as one word of a shell. */
export function flagFor(need: Need): string {
  const value = "path" in need ? need.path : need.host;
  const flag = `--allow-${need.name}=${value}`;
  if (/^[\w.,:/=[\]-]+$/.test(flag)) return flag;
  // Nobody can type these, and they could drive the terminal.
  if (/\p{C}/u.test(flag)) return quoted(flag);
  return `'${flag.replaceAll("'", `'\\''`)}'`;
}

/** What a listening server needs no more. */
const dropped = ["net", "run", "env", "ffi", "sys", "import"] as const;

/**
 * Gives back what a listening server needs no more, so that a fault in it
 * reaches less. The listener lives on without the permission that opened it.
 */
export async function dropTheRest(): Promise<void> {
  for (const name of dropped) {
    await Deno.permissions.revoke({ name });
  }
}

/** What the process may do at this moment, for a person to read. */
export async function heldPermissions(
  path: string,
): Promise<[name: string, meaning: string][]> {
  const may = async (descriptor: Deno.PermissionDescriptor) =>
    (await Deno.permissions.query(descriptor)).state === "granted";
  const files = async (name: "read" | "write") =>
    await may({ name })
      ? "every file that its user can reach"
      : await may({ name, path })
      ? "the served directory, and nothing else"
      : "nothing";
  const rows: [string, string][] = [
    ["read", await files("read")],
    ["write", await files("write")],
  ];
  for (const name of dropped) {
    rows.push([name, await may({ name }) ? "granted" : meaningOf(name)]);
  }
  return rows;
}

function meaningOf(name: typeof dropped[number]): string {
  return name === "net" ? "given back once it listened" : "none";
}
