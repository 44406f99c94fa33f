/**
 * Counts what is below a directory, for whoever is about to delete or move it.
 * How long that takes, how much it looks at and how many there are at once is
 * bounded, and it ends when the client has gone.
 *
 * @module
 */

import type { Directory } from "./directory.ts";
import type { FoundDirectory } from "./found_directory.ts";
import { SharedSlots } from "./shared_slots.ts";
import { walk } from "./tree.ts";

/** How many counts below a directory run at once. */
const slots = new SharedSlots(4, {
  message: "Others are counting, try again",
  retryAfter: 2,
});

/** How many entries are looked at. */
const MOST_ENTRIES = 100_000;

/** How long (ms) a count takes. */
const MOST_TIME = 5000;

/** Why a walk ends that has gone on for too long. */
const LATE = new Error("The count takes too long");

/** How much is below a directory. */
interface TreeCount {
  files: number;
  directories: number;
  /** Of all files together. */
  octets: number;
  /** Whether there is more than was looked at. */
  isMore: boolean;
}

/** Answers with a count. Throws an `HttpError` with 503 while others count. */
export async function answerWithCount(
  directory: Directory,
  { method, signal }: Request,
  options: {
    found: FoundDirectory;
    /** Whether a path below the directory is there for this reader. */
    isShown?: (path: string) => boolean;
  },
): Promise<Response> {
  const headers = { "cache-control": "no-cache" };
  if (method === "HEAD") {
    const type = { "content-type": "application/json" };
    return new Response(null, { headers: { ...headers, ...type } });
  }
  using _slot = slots.take(directory);
  return Response.json(await countBelow(signal, options), { headers });
}

async function countBelow(
  client: AbortSignal,
  { found, isShown }: Parameters<typeof answerWithCount>[2],
): Promise<TreeCount> {
  const count: TreeCount = {
    files: 0,
    directories: 0,
    octets: 0,
    isMore: false,
  };
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(LATE), MOST_TIME);
  const signal = AbortSignal.any([client, late.signal]);
  let left = MOST_ENTRIES;
  try {
    const entries = walk(found, { signal, isShown, skipsUnreadable: true });
    for await (const { entry, folder } of entries) {
      if (left-- === 0) {
        count.isMore = true;
        break;
      }
      if (entry.isDirectory) count.directories++;
      else {
        count.files++;
        if (!entry.isSymlink) count.octets += folder.inspect(entry)?.size ?? 0;
      }
    }
  } catch (error) {
    if (error !== LATE) throw error;
    count.isMore = true;
  } finally {
    clearTimeout(timer);
  }
  return count;
}
