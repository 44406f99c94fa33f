/** A directory with files, served under options by a server of its own. */

import { assertEquals } from "@std/assert";
import { dirname } from "@std/path";
import { serveDir, type ServeDirOptions } from "../../lib/files/serve_dir.ts";
import type { Handler } from "../../lib/handler.ts";
import { serve } from "../../lib/server/serve.ts";
import { makeScratch, noDisk } from "./scratch.ts";

/** Whether tests with a disk and a server are left out. */
export const ignore = noDisk ||
  (await Deno.permissions.query({ name: "net" })).state !== "granted";

const files = {
  ".env": "secret",
  ".well-known/a.txt": "known",
  ".sluice-uploads/x": "unfinished",
  "index.html": "home",
  "about.html": "about",
  "list.xml": "<list/>",
  "b.txt": "text",
  "200.html": "page",
  "404.html": "lost",
  "docs/start.htm": "start",
  "docs/.git/config": "config",
  "empty/a.txt": "text",
  "app-5d1f.js": "run()".repeat(1000),
};

export type Get = (path: string, init?: RequestInit) => Promise<Answer>;

export interface Answer {
  status: number;
  text: string;
  headers: Headers;
}

/** Tries one thing at a server of its own, over the files above. */
export function at(
  name: string,
  make: (root: string) => Handler | Promise<Handler>,
  attempt: (get: Get) => Promise<void>,
): void {
  Deno.test(name, { ignore }, async () => {
    await using scratch = await makeScratch();
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(dirname(`${scratch.root}/${path}`), { recursive: true });
      await Deno.writeTextFile(`${scratch.root}/${path}`, text);
    }
    await using server = serve({
      port: 0,
      hostname: "127.0.0.1",
      onListen() {},
    }, await make(scratch.root));
    await attempt(async (path, init) => {
      const url = `http://127.0.0.1:${server.addr.port}${path}`;
      const response = await fetch(url, { redirect: "manual", ...init });
      const { status, headers } = response;
      return { status, headers, text: await response.text() };
    });
  });
}

/** The same with a directory under options. */
export function withOptions(
  name: string,
  options: ServeDirOptions,
  attempt: (get: Get) => Promise<void>,
): void {
  at(name, (root) => serveDir(root, options), attempt);
}

/** Asks for some paths, and says what comes. */
export async function expectAll(
  get: Get,
  expected: Record<string, string | number>,
): Promise<void> {
  for (const [path, answer] of Object.entries(expected)) {
    const headers = { accept: "application/json" };
    const { status, text } = await get(path, { headers });
    const got = typeof answer === "string" ? text : status;
    assertEquals(got, answer, `${path}: ${status} ${text}`);
  }
}

/** As a browser asks. */
export const page = { headers: { accept: "text/html" } };
