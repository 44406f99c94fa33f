/**
 * Prints the flags for Deno that the command needs for its arguments, as JSON:
 * one for each thing that it may reach, and none beyond. It runs without any
 * permission itself.
 *
 * @module
 */

import { authorityOf, isEveryAddress } from "../../lib/authority.ts";
import { parseLink } from "../../lib/cli/link.ts";
import { quoted, StartError, UsageError } from "../../lib/cli/messages.ts";
import { type Options, parseOptions } from "../../lib/cli/options.ts";
import { readOnlyOption } from "../../lib/cli/start.ts";

/** What may be reached, by the name of a permission. */
export interface Permissions {
  net: string[];
  read: string[];
  write: string[];
  sys: string[];
  run: string[];
}

/**
 * The permissions that arguments need. Throws a UsageError for wrong ones, and a
 * StartError for a path that Deno's flags would take for two.
 */
export function permissionsFor(args: string[]): Permissions {
  const needed = permissionsOf(args);
  for (const path of [...needed.read, ...needed.write]) {
    if (!path.includes(",")) continue;
    throw new StartError(
      `Cannot use ${quoted(path)}: choose a path without a comma`,
    );
  }
  return needed;
}

function permissionsOf(args: string[]): Permissions {
  const [command, ...rest] = args;
  if (command === "link") {
    const { keyFile, directory } = parseLink(rest);
    return { ...none(), read: [keyFile ?? directory] };
  }
  if (command === "passwd") return none();
  return permissionsToServe(parseOptions(args));
}

function none(): Permissions {
  return { net: [], read: [], write: [], sys: [], run: [] };
}

function permissionsToServe(options: Options): Permissions {
  const { directory, listen, host, port, admin } = options;
  const needed: Permissions = {
    ...none(),
    read: [directory],
    write: readOnlyOption(options) ? [] : [directory],
  };
  const { "key-file": keys, "tls-cert": cert, "tls-key": key } = options;
  for (const path of [options.auth, keys, cert, key]) {
    if (path !== undefined) needed.read.push(path);
  }
  if (!listen) needed.net.push(authorityOf({ hostname: host, port }));
  else if ("path" in listen) {
    needed.net.push(`unix:${listen.path}`);
    needed.read.push(listen.path);
    needed.write.push(listen.path);
  }
  if (admin) needed.net.push(authorityOf(admin));
  if (options["log-file"]) needed.write.push(options["log-file"]);
  if (options["keep-free"]) needed.sys.push("statfs");
  if (!listen && isEveryAddress({ hostname: host })) {
    needed.sys.push("networkInterfaces");
  }
  if (options.workers !== 1) needed.run.push(Deno.execPath());
  return needed;
}

if (import.meta.main) {
  try {
    console.log(JSON.stringify(permissionsFor(Deno.args)));
  } catch (error) {
    if (error instanceof StartError) {
      console.error(error.message);
      Deno.exit(1);
    }
    // The command itself will say what is wrong.
    if (!(error instanceof UsageError)) throw error;
    console.log("{}");
  }
}
