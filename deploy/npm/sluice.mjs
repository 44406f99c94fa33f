#!/usr/bin/env node
// Runs the command with Deno, with the permissions that its arguments need and
// no others. Deno runs no TypeScript below node_modules, so it runs a copy in the
// cache of the user, which is made at the first run of each version.

import { spawn, spawnSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir, platform } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { useCopy } from "./copies.mjs";

/** Milliseconds between two looks at who is the parent. */
const LOOK = 250;

const parent = process.ppid;
const require = createRequire(import.meta.url);
const deno = require("deno/install_api.cjs").runInstall();
const args = process.argv.slice(2);
const packed = fileURLToPath(new URL("app", import.meta.url));
const copy = useCopy(packed, join(cacheFolder(), "sluice"));
process.on("exit", copy.leave);
const command = ["run", "--no-prompt", ...flags(), join(copy.place, "main.ts")];
const env = { ...process.env, DENO_NO_UPDATE_CHECK: "1" };
const child = spawn(deno, [...command, ...args], { stdio: "inherit", env });
copy.share(child.pid);
let isStopping = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    isStopping ||= signal !== "SIGHUP";
    // Ctrl-C reaches the command by itself, and a second one would end it.
    const isOfTerminal = signal === "SIGINT" && process.stdin.isTTY;
    if (!isOfTerminal) child.kill(signal);
  });
}
child.on("exit", (code) => process.exit(code ?? 1));
if (process.env.npm_lifecycle_event === "npx") stopWithParent();

/**
 * npx passes a signal on to the shell between, which ends without passing it on:
 * this process is then the child of another one.
 */
function stopWithParent() {
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    if (!isStopping) child.kill("SIGTERM");
  }, LOOK);
}

/** Where the system keeps what programs can make again. */
function cacheFolder() {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (platform() === "darwin") return join(homedir(), "Library", "Caches");
  if (platform() === "win32" && LOCALAPPDATA) return LOCALAPPDATA;
  return XDG_CACHE_HOME || join(homedir(), ".cache");
}

/** The flags for Deno; the command itself knows what its options need. */
function flags() {
  const script = join(copy.place, "deploy", "npm", "permissions.ts");
  const asking = ["run", "--no-prompt", "--quiet", script, ...args];
  const { status, stdout } = spawnSync(deno, asking, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) process.exit(status ?? 1);
  return Object.entries(JSON.parse(stdout))
    .filter(([, scopes]) => scopes.length > 0)
    .map(([name, scopes]) => {
      const isPath = name === "read" || name === "write";
      const all = isPath ? scopes.flatMap(withTarget) : scopes;
      return `--allow-${name}=${[...new Set(all)].join()}`;
    });
}

/**
 * A link, and what it leads to: Deno wants both. Its flags take a comma for the
 * end of a path, and would allow others.
 */
function withTarget(path) {
  try {
    const real = realpathSync(path);
    const isEnough = real === realpathSync(".") + "/" + path ||
      real.includes(",");
    return isEnough ? [path] : [path, real];
  } catch {
    return [path];
  }
}
