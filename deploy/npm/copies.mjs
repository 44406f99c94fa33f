// Copies of the command in the cache of the user, one for each content of it.
// Each run marks the copy that it uses; the first run of another content removes
// those that nobody uses.

import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

/** Milliseconds between two looks at a lock that another run has. */
const PAUSE = 20;

/** Milliseconds after which a lock is that of a run that was killed. */
const STALE = 60_000;

/**
 * Milliseconds for which a mark of another machine counts: its processes cannot
 * be seen, and a home may be shared.
 */
const ELSEWHERE = 30 * 24 * 60 * 60 * 1000;

const MARK = "in-use-";

/**
 * Makes a copy of a folder unless it is there, and marks it as used by this
 * process until `leave`.
 *
 * @param {string} packed the folder
 * @param {string} cache where copies are
 * @returns {{ place: string, share: (pid: number) => void, leave: () => void }}
 * `share` marks it as used by another process too, which may live longer
 */
export function useCopy(packed, cache) {
  const digest = readFileSync(join(packed, "digest"), "utf8");
  const place = join(cache, digest);
  const mark = join(place, `${MARK}${process.pid}@${hostname()}`);
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  locked(join(cache, "lock"), () => {
    const isNew = !existsSync(place);
    if (isNew) copyTo(place, packed, cache);
    writeFileSync(mark, "");
    if (isNew) removeUnused(cache, digest);
  });
  return {
    place,
    share: (pid) => writeFileSync(mark, `${pid}`),
    leave: () => rmSync(mark, { force: true }),
  };
}

/** In one step: a run that is killed leaves no half of it. */
function copyTo(place, packed, cache) {
  const made = mkdtempSync(join(cache, "new-"));
  try {
    cpSync(packed, made, { recursive: true });
    renameSync(made, place);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    throw error;
  }
}

/** All of a cache but one, and those that a run has marked. */
function removeUnused(cache, digest) {
  for (const name of readdirSync(cache)) {
    if (name === digest || !/^(?:[\da-f]{16}|new-.{6})$/.test(name)) continue;
    const place = join(cache, name);
    try {
      const marks = readdirSync(place).filter((each) => each.startsWith(MARK));
      const isUsed = marks.some((each) => isAlive(each, join(place, each)));
      if (!isUsed) rmSync(place, { recursive: true, force: true });
    } catch {
      // One that cannot be read or removed harms nobody.
    }
  }
}

/** Whether a process of a mark may still be there. */
function isAlive(name, path) {
  const [pid, host] = name.slice(MARK.length).split("@");
  if (host !== hostname()) {
    return Date.now() - statSync(path).mtimeMs < ELSEWHERE;
  }
  return isRunning(Number(pid)) ||
    isRunning(Number(readFileSync(path, "utf8")));
}

function isRunning(pid) {
  // A signal to 0 would be for this process.
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== "ESRCH";
  }
}

/** Runs something while no other run does: a folder is made by one of them. */
function locked(lock, action) {
  while (!isMade(lock)) Atomics.wait(sleeping, 0, 0, PAUSE);
  try {
    action();
  } finally {
    rmdirSync(lock);
  }
}

const sleeping = new Int32Array(new SharedArrayBuffer(4));

function isMade(lock) {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  try {
    if (Date.now() - statSync(lock).mtimeMs > STALE) rmdirSync(lock);
  } catch (error) {
    // The other run has left meanwhile.
    if (error.code !== "ENOENT") throw error;
  }
  return false;
}
