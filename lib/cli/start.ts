/**
 * Opens the directory and starts the server that the options ask for, or throws
 * a StartError whose sentence names what to change.
 *
 * @module
 */

import { authorityOf } from "../authority.ts";
import { Directory } from "../files/directory.ts";
import type { Handler } from "../handler.ts";
import type { ServeOptions } from "../server/serve_options.ts";
import type { HttpServer } from "../server/http_server.ts";
import { serve } from "../server/serve.ts";
import { quoted, StartError } from "./messages.ts";
import { flagFor, obtain } from "./permissions.ts";

/** A directory, and what may be done with it. */
export interface OpenedDirectory {
  directory: Directory;
  /** What to change so that it receives files; undefined when it does. */
  writeAdvice?: string;
}

/** Opens the directory to serve; one that is only read needs no other leave. */
export async function openDirectory(
  path: string,
  { isReadOnly = false }: { isReadOnly?: boolean } = {},
): Promise<OpenedDirectory> {
  const action = `Cannot serve ${quoted(path)}`;
  const advice = await obtain({ name: "read", path });
  if (advice) throw new StartError(`${action}: not allowed, ${advice}`);
  // Before it is opened: a directory that can be written to is tidied up then.
  const writeAdvice = isReadOnly
    ? "leave out --site and --spa"
    : await obtain({ name: "write", path });
  try {
    const directory = await Directory.open(path);
    return {
      directory,
      writeAdvice: writeAdvice ?? await whyNotWritten(directory),
    };
  } catch (cause) {
    const why = await whyNotServed(cause, path);
    throw new StartError(`${action}: ${why}`, { cause });
  }
}

/** What Deno grants the file system may still refuse. */
async function whyNotWritten(
  directory: Directory,
): Promise<string | undefined> {
  try {
    await directory.tryWriting();
    return undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      const path = directory.path;
      return `add ${flagFor({ name: "write", path })}`;
    }
    return whatToFree[codeOf(error)] ?? "let this user write to the directory";
  }
}

/** What to change, by what the system says is in the way. */
const whatToFree: Record<string, string> = {
  EROFS: "mount the file system for writing",
  ENOSPC: "free some space on the disk",
  EDQUOT: "free some space on the disk",
};

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

async function whyNotServed(error: unknown, path: string): Promise<string> {
  if (error instanceof Deno.errors.NotFound) {
    return "there is no such directory, make it or choose one with --directory";
  }
  if (error instanceof Deno.errors.NotADirectory) {
    return "a part of the path is a file, choose a directory with --directory";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "the system does not let this user read it, change its mode or " +
      "choose one with --directory";
  }
  if (error instanceof Deno.errors.NotCapable) {
    const target = { name: "read", path: await Deno.realPath(path) } as const;
    return `it is a link, add ${flagFor(target)}`;
  }
  return `${messageOf(error)}, choose one with --directory`;
}

/** Listens where the options say. */
export async function listen(
  options: ServeOptions & { hostname: string; port: number },
  handler: Handler,
): Promise<HttpServer> {
  const host = authorityOf(options);
  const action = `Cannot listen on ${host}`;
  const advice = await obtain({ name: "net", host });
  if (advice) throw new StartError(`${action}: not allowed, ${advice}`);
  try {
    // It would print the URL to the standard output, which is the log's.
    return serve({ ...options, onListen() {} }, handler);
  } catch (cause) {
    throw new StartError(`${action}: ${whyNotListening(cause)}`, { cause });
  }
}

function whyNotListening(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return "the port is in use, choose one with --port, such as --port 0";
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return "this machine has no such address, choose one with --host";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "this user may not use the port, choose one with --port";
  }
  return `${messageOf(error)}, choose another with --host`;
}

function messageOf(error: unknown): string {
  return quoted(error instanceof Error ? error.message : String(error));
}
