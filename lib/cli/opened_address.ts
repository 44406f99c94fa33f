/**
 * Opens what `--listen` names, or throws a StartError that says what to change.
 *
 * @module
 */

import type { Handler } from "../handler.ts";
import type { HttpServer } from "../server/http_server.ts";
import { listenOnDescriptor } from "../server/descriptor_listener.ts";
import { serve } from "../server/serve.ts";
import type { ServeOptions } from "../server/serve_options.ts";
import type { ListenAddress } from "./listen_address.ts";
import { messageOf, quoted, StartError } from "./messages.ts";
import { type Need, obtain } from "./permissions.ts";

/** What the command has opened, to be served. */
export interface OpenedAddress {
  /** What to call it in a message. */
  readonly name: string;
  /** The host that it is on; undefined for a Unix socket. */
  readonly host: string | undefined;
  /** Serves on it, and prints nothing. */
  serve(options: ServeOptions, handler: Handler): HttpServer<Deno.Addr>;
}

/** The default prints to the standard error by itself. */
const silent = { onListen() {} };

/**
 * Opens an address that `--listen` names.
 *
 * @param directory What is served: it can be opened as long as there are
 * descriptors.
 */
export function openAddress(
  address: ListenAddress,
  directory: string,
): Promise<OpenedAddress> {
  return "path" in address
    ? openUnixSocket(address)
    : openDescriptor(address.descriptor, directory);
}

async function openDescriptor(
  descriptor: number,
  directory: string,
): Promise<OpenedAddress> {
  const name = `fd:${descriptor}`;
  try {
    const listener = await listenOnDescriptor(
      descriptor,
      () => Deno.openSync(directory).close(),
    );
    const { addr } = listener;
    return {
      name,
      host: "hostname" in addr ? addr.hostname : undefined,
      serve: (options, handler) =>
        serve({ ...options, ...silent, listener }, handler),
    };
  } catch (cause) {
    throw new StartError(
      `Cannot listen on ${name}: it is no socket that listens, start the ` +
        "command by a .socket unit of systemd or with systemd-socket-activate",
      { cause },
    );
  }
}

async function openUnixSocket(
  { path, mode }: { path: string; mode?: number },
): Promise<OpenedAddress> {
  const name = `unix:${path}`;
  const action = `Cannot listen on ${quoted(name)}`;
  const advice = await obtainAll([
    { name: "read", path },
    { name: "write", path },
    { name: "net", host: name },
  ]);
  if (advice) throw new StartError(`${action}: not allowed, ${advice}`);
  await removeLeftOver(path, action);
  return {
    name,
    host: undefined,
    serve(options, handler) {
      try {
        const server = serve({ ...options, ...silent, path }, handler);
        if (mode !== undefined) Deno.chmodSync(path, mode);
        return server;
      } catch (cause) {
        throw new StartError(`${action}: ${whyNotListening(cause)}`, { cause });
      }
    },
  };
}

/** Undefined if all of them are granted, else what to change. */
async function obtainAll(needs: Need[]): Promise<string | undefined> {
  const advice: string[] = [];
  for (const need of needs) {
    const missing = await obtain(need);
    if (missing) advice.push(missing);
  }
  return advice.length > 0 ? advice.join(", ") : undefined;
}

/** A server that was killed leaves its socket, which no other can bind. */
async function removeLeftOver(path: string, action: string): Promise<void> {
  try {
    const found = await Deno.lstat(path);
    if (!found.isSocket) {
      throw new StartError(
        `${action}: there is a file of that name, choose another path`,
      );
    }
    if (await isAnswered(path)) {
      throw new StartError(
        `${action}: another server listens there, stop it or choose ` +
          "another path",
      );
    }
    await Deno.remove(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return;
    if (cause instanceof StartError) throw cause;
    throw new StartError(`${action}: ${whyNotListening(cause)}`, { cause });
  }
}

async function isAnswered(path: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return true;
  } catch (error) {
    // Whatever else is wrong, the socket may be in use.
    return !(error instanceof Deno.errors.ConnectionRefused);
  }
}

function whyNotListening(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) {
    return "there is no such directory, make it or choose another path";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "this user may not write to the directory, choose another path";
  }
  if (error instanceof Deno.errors.AddrInUse) {
    return "another server listens there, stop it or choose another path";
  }
  return `${messageOf(error)}, choose another path`;
}
