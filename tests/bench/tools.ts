/**
 * The programs that the benchmark starts and does not bring along, and what to
 * do about those that are missing.
 *
 * @module
 */

import { installPackages, type Packages } from "./packages.ts";

/** A program to ask for its version. */
interface Tool {
  command: string;
  arg: string;
  version: RegExp;
}

const known = {
  wrk: {
    command: "wrk",
    arg: "-v",
    version: /wrk \S*?([\d.]+)/,
    advice: "apt-get install wrk",
  },
  curl: {
    command: "curl",
    arg: "--version",
    version: /curl ([\d.]+)/,
    advice: "apt-get install curl",
  },
  nginx: {
    command: "nginx",
    arg: "-v",
    version: /nginx\/([\d.]+)/,
    advice: "apt-get install nginx-light",
  },
  node: {
    command: "node",
    arg: "--version",
    version: /v([\d.]+)/,
    advice: "apt-get install nodejs",
  },
  taskset: {
    command: "taskset",
    arg: "--version",
    version: /taskset from util-linux ([\d.]+)/,
    advice: "apt-get install util-linux",
  },
} satisfies Record<string, Tool & { advice: string }>;

/** Name of a tool. */
export type ToolName = keyof typeof known | "bun";

/** What there is to measure with, and to measure. */
export interface Tools {
  versions: Map<ToolName, string>;
  /** Undefined where npm cannot be reached. */
  packages?: Packages;
}

/** Finds the tools; tells what to do about those that are missing. */
export async function findTools(): Promise<Tools> {
  const versions = new Map<ToolName, string>();
  for (const [name, tool] of Object.entries(known)) {
    const version = await versionOf(tool);
    if (version) versions.set(name as ToolName, version);
    else console.error(`${name} is not here, and left out: ${tool.advice}`);
  }
  const packages = await installPackages();
  if (packages?.bun) {
    const bun = { command: packages.bun, arg: "--version", version: /(.+)/ };
    const version = await versionOf(bun);
    if (version) versions.set("bun", version);
    else console.error("bun does not run on this machine, and is left out.");
  }
  return { versions, packages };
}

async function versionOf(tool: Tool): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await new Deno.Command(tool.command, {
      args: [tool.arg],
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    const text = decoder.decode(stdout) + decoder.decode(stderr);
    return tool.version.exec(text)?.[1];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
