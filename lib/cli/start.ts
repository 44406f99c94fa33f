/**
 * Opens the directory and starts the server that the options ask for, or throws
 * a StartError that says what to change.
 *
 * @module
 */

import { authorityOf } from "../authority.ts";
import { Directory } from "../files/directory.ts";
import { StateError } from "../files/shared_state.ts";
import type { SpaceBounds } from "../files/space.ts";
import type { Handler } from "../handler.ts";
import type { ServeOptions } from "../server/serve_options.ts";
import type { HttpServer } from "../server/http_server.ts";
import { serve } from "../server/serve.ts";
import { messageOf, quoted, StartError, UsageError } from "./messages.ts";
import { flagFor, obtain } from "./permissions.ts";

/** A directory, and whether it can be written to. */
export interface OpenedDirectory {
  directory: Directory;
  /** What to change so that it receives files; undefined if it does. */
  writeAdvice?: string;
}

/** Opens the directory to serve; a read-only one needs only read permission. */
export async function openDirectory(
  path: string,
  { readOnlyBy, bounds = {}, hide = [] }: {
    readOnlyBy?: string;
    bounds?: SpaceBounds;
    /** Patterns of paths that are hidden. */
    hide?: readonly string[];
  } = {},
): Promise<OpenedDirectory> {
  // Before opening: opening a writable directory tidies it.
  const writeAdvice = await obtainDirectory(path, { readOnlyBy });
  if (writeAdvice === undefined && bounds.keepFree) await obtainFreeSpace();
  try {
    const directory = await Directory.open(path, {
      ...writeAdvice === undefined && bounds,
      hide,
    });
    await noteTarget(path, directory.path, { isWritten: !writeAdvice });
    return {
      directory,
      writeAdvice: writeAdvice ?? await whyNotWritten(directory),
    };
  } catch (cause) {
    if (cause instanceof RangeError) {
      throw new UsageError(`Cannot use --hide: ${cause.message}`);
    }
    const why = await whyNotServed(cause, path);
    throw new StartError(`Cannot serve ${quoted(path)}: ${why}`, { cause });
  }
}

/** To ask how full the disk is. */
export const FREE_SPACE = { name: "sys", kind: "statfs" } as const;

/** Requests what `--keep-free` needs; throws a StartError without it. */
export async function obtainFreeSpace(): Promise<void> {
  const advice = await obtain(FREE_SPACE);
  if (!advice) return;
  throw new StartError(`Cannot use --keep-free: not allowed, ${advice}`);
}

/** Of a link, the target is needed as well: it is granted, as it was opened. */
async function noteTarget(
  path: string,
  target: string,
  { isWritten }: { isWritten: boolean },
): Promise<void> {
  if (!(await Deno.lstat(path)).isSymlink) return;
  await obtain({ name: "read", path: target });
  if (isWritten) await obtain({ name: "write", path: target });
}

/**
 * Requests permission to read a directory, and to write to it unless an option
 * makes it read-only. Returns what to change so that it receives files; undefined if it
 * may.
 */
export async function obtainDirectory(
  path: string,
  { readOnlyBy }: { readOnlyBy?: string },
): Promise<string | undefined> {
  const advice = await obtain({ name: "read", path });
  if (advice) {
    throw new StartError(
      `Cannot serve ${quoted(path)}: not allowed, ${advice}`,
    );
  }
  return readOnlyBy
    ? `omit ${readOnlyBy}`
    : await obtain({ name: "write", path });
}

/** The options because of which nothing is received, if there are any. */
export function readOnlyOption(
  options: { site: boolean; spa: boolean; "read-only": boolean },
): string | undefined {
  if (options.site || options.spa) return "--site and --spa";
  return options["read-only"] ? "--read-only" : undefined;
}

/** The file system may refuse what Deno grants. */
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
    if (error instanceof StateError) return error.advice;
    return whatToFree[codeOf(error)] ?? "let this user write to the directory";
  }
}

/** What to change, by the code of the system's error. */
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
    return "this user may not read it, change its mode or " +
      "choose one with --directory";
  }
  if (error instanceof Deno.errors.NotCapable) {
    const target = { name: "read", path: await Deno.realPath(path) } as const;
    return `it is a link, add ${flagFor(target)}`;
  }
  return `${messageOf(error)}, choose one with --directory`;
}

/** The options of the command that choose where to listen. */
export interface ListenFlags {
  host: string;
  port: string;
  /** The same with a value that takes any free port. */
  anyPort: string;
}

const mainFlags: ListenFlags = {
  host: "--host",
  port: "--port",
  anyPort: "--port 0",
};

/** Listens on the host and port of the options. */
export async function listen(
  options: ServeOptions & { hostname: string; port: number },
  handler: Handler,
  flags: ListenFlags = mainFlags,
): Promise<HttpServer> {
  return await opened(
    options,
    // The default would print to the standard output, which belongs to the log.
    () => serve({ ...options, onListen() {} }, handler),
    flags,
  );
}

/**
 * Throws a StartError if anybody listens on a port: where it is shared, both
 * would get a part of the connections, and neither would know.
 */
export async function refuseUsedPort(
  address: { hostname: string; port: number },
): Promise<void> {
  await opened(address, () => Deno.listen(address).close(), mainFlags);
}

async function opened<Opened>(
  address: { hostname: string; port: number },
  open: () => Opened,
  flags: ListenFlags,
): Promise<Opened> {
  const host = authorityOf(address);
  const action = `Cannot listen on ${host}`;
  const advice = await obtain({ name: "net", host });
  if (advice) throw new StartError(`${action}: not allowed, ${advice}`);
  try {
    return open();
  } catch (cause) {
    throw new StartError(`${action}: ${whyNotListening(cause, flags)}`, {
      cause,
    });
  }
}

function whyNotListening(
  error: unknown,
  { host, port, anyPort }: ListenFlags,
): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return `the port is in use, choose one with ${port}, such as ${anyPort}`;
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return `this machine has no such address, choose one with ${host}`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return `this user may not use the port, choose one with ${port}`;
  }
  return `${messageOf(error)}, choose another with ${host}`;
}
