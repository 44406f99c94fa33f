/** A directory on the disk that goes with its test, and leave to make one. */

import { assert } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { Directory } from "../../lib/files/directory.ts";
import type { RouteHandler } from "../../lib/handler.ts";
import { localInfo } from "../support/local_info.ts";

async function isDenied(name: "read" | "write" | "run"): Promise<boolean> {
  return (await Deno.permissions.query({ name })).state !== "granted";
}

/** Whether tests that touch the disk are left out. */
export const noDisk = await isDenied("read") || await isDenied("write");

/** Whether tests that start a process as well are left out. */
export const noChild = noDisk || await isDenied("run");

export interface Scratch extends AsyncDisposable {
  /** An absolute path; `root/` in it is what a test serves. */
  path: string;
  root: string;
}

/** Makes a directory with an empty `root/` in it. */
export async function makeScratch(): Promise<Scratch> {
  const path = await Deno.realPath(await Deno.makeTempDir());
  const root = `${path}/root`;
  await Deno.mkdir(root);
  return {
    path,
    root,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** What instances share; it is there after a first change. */
export const stateFolder = ".sluice-state";

/** The names in a directory, sorted, without that of the shared state. */
export async function namesIn(path: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(path));
  return entries.map(({ name }) => name)
    .filter((name) => name !== stateFolder).sort();
}

/** The status that a client would get, also of what is thrown. */
export async function statusOf(asking: Promise<Response>): Promise<number> {
  try {
    const response = await asking;
    await response.body?.cancel();
    return response.status;
  } catch (error) {
    assert(error instanceof HttpError, String(error));
    return error.status;
  }
}

/** Waits for what no event tells of. */
export async function until(
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  for (let turns = 0; !await holds(); turns++) {
    if (turns === 1000) throw new Error("It did not come to that");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const pattern = new URLPattern({ pathname: "/files/*" });

/** Asks a handler for `/files/…`, as the router would. */
export async function ask(
  handler: RouteHandler,
  path: string,
  init?: RequestInit,
): Promise<Response> {
  const request = new Request(`http://localhost/files/${path}`, init);
  return await handler(request, localInfo, pattern.exec(request.url)!);
}

/** A handler over a directory that is opened for it. */
export async function serving(
  make: (directory: Directory) => RouteHandler,
  root: string,
): Promise<RouteHandler> {
  return make(await Directory.open(root));
}
