#!/usr/bin/env node
// Runs the command with Deno, with the permissions that its arguments need and
// no others. Deno runs no TypeScript below node_modules, so it runs a copy in the
// cache of the user, which is made at the first run of each version.

import { spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
} from "node:fs";
import { createRequire } from "node:module";
import { homedir, platform } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const deno = require("deno/install_api.cjs").runInstall();
const args = process.argv.slice(2);
const app = copyOf(fileURLToPath(new URL("app", import.meta.url)));
const command = ["run", "--no-prompt", ...flags(), join(app, "main.ts")];
const env = { ...process.env, DENO_NO_UPDATE_CHECK: "1" };
const child = spawn(deno, [...command, ...args], { stdio: "inherit", env });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => isOfTerminal(signal) || child.kill(signal));
}
child.on("exit", (code) => process.exit(code ?? 1));

/** Ctrl-C reaches the command by itself, and a second one would end it. */
function isOfTerminal(signal) {
  return signal === "SIGINT" && process.stdin.isTTY;
}

/** Copies the command, once for each content of it, and in one step. */
function copyOf(packed) {
  const digest = readFileSync(join(packed, "digest"), "utf8");
  const cache = join(cacheFolder(), "sluice");
  const place = join(cache, digest);
  if (existsSync(place)) return place;
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  const made = mkdtempSync(join(cache, "new-"));
  cpSync(packed, made, { recursive: true });
  try {
    renameSync(made, place);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    // Another run may have made it meanwhile.
    if (!existsSync(place)) throw error;
  }
  return place;
}

function cacheFolder() {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (platform() === "darwin") return join(homedir(), "Library", "Caches");
  if (platform() === "win32" && LOCALAPPDATA) return LOCALAPPDATA;
  return XDG_CACHE_HOME || join(homedir(), ".cache");
}

/** The flags for Deno; the command itself knows what its options need. */
function flags() {
  const script = join(app, "deploy", "npm", "permissions.ts");
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
