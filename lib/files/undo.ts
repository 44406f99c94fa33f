/**
 * Deletes files and directories so that it can be undone for a while: they are
 * first renamed into the hidden state folder, and removed from there when their
 * time is over. It does not know who asks.
 *
 * `DELETE …?undo=10` is answered as RFC 9110 §9.3.5 has it for a deletion that
 * is not yet enacted: 202, with a `Location` at which to watch over it (as RFC
 * 7240 §4.1 has it). A `POST` there undoes it, a `DELETE` enacts it.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import type { RouteHandler } from "../handler.ts";
import { syncDirectory } from "./atomic_write.ts";
import { type Containment, lstatOf } from "./containment.ts";
import type { Directory } from "./directory.ts";
import { diskError, noSuchFile } from "./disk_error.ts";
import { dirname, fileNames, type Hiding } from "./file_path.ts";
import { containmentOf, rulesOf } from "./hiding.ts";
import { putBack, tooLate } from "./put_back.ts";
import { stateOf } from "./shared_state.ts";
import { spaceOf } from "./space.ts";
import { refuseForm } from "./stand_ins.ts";
import { TreeRemoval } from "./tree_removal.ts";
import { type Kept, UndoStore } from "./undo_store.ts";
import { type Preconditions, refuseUnexpected } from "./validators.ts";

/** The longest time in which a deletion can be undone, in seconds. */
const MOST_SECONDS = 60;

/** How many deletions of one process can be undone at once. */
const MOST_KEPT = 1000;

/** Options of {@linkcode UndoableRemovals}. */
export interface UndoOptions {
  /** The path of the route for {@linkcode UndoableRemovals.handler}. */
  path: string;
  /** Whether a request may undo the deletion of a path. Default: each may. */
  mayUndo?: (path: string, request: Request) => boolean;
  /** Whether a request may write to a path. Default: each may. */
  mayWrite?: (path: string, request: Request) => boolean;
}

/** The deletions below a directory that can be undone. */
export class UndoableRemovals {
  readonly #directory: Directory;
  readonly #options: UndoOptions;
  readonly #containment: Containment;
  readonly #rules: { hiding?: Hiding };
  readonly #store: UndoStore;
  readonly #trees: TreeRemoval;
  /** What this process removes later, by its id. */
  readonly #waiting = new Map<
    string,
    { kept: Kept; timer: ReturnType<typeof setTimeout> }
  >();
  /** How many deletions are under way. */
  #begun = 0;

  constructor(directory: Directory, options: UndoOptions) {
    this.#directory = directory;
    this.#options = options;
    this.#containment = containmentOf(directory);
    this.#rules = rulesOf(directory);
    this.#store = new UndoStore(directory);
    this.#trees = new TreeRemoval(directory);
  }

  /**
   * Answers a `DELETE` with `?undo=SECONDS` for what the pattern's `*` names. It
   * rejects as `removal` does, and with an {@linkcode HttpError}: 400 for
   * another time, 503 while too many deletions can be undone.
   */
  readonly remove: RouteHandler<Deno.ServeHandlerInfo> = async (
    request,
    _info,
    match,
  ) => {
    const seconds = secondsOf(request.url);
    const path = match.pathname.groups["0"] ?? "";
    if (this.#waiting.size + this.#begun >= MOST_KEPT) throw tooMany(seconds);
    this.#begun++;
    try {
      const kept = await this.#takeAway(path, request);
      this.#removeLater(kept, seconds);
      return this.#accepted(kept, seconds);
    } finally {
      this.#begun--;
    }
  };

  /**
   * Answers a `POST` by putting back what the pattern's `id` names, and a
   * `DELETE` by removing it at once. `?name=` gives another name in the same
   * directory. It rejects with an {@linkcode HttpError}: 404 if the time is
   * over, 409 if something has the name now; then it is kept until its time is
   * over.
   */
  readonly handler: RouteHandler<Deno.ServeHandlerInfo> = async (
    request,
    _info,
    match,
  ) => {
    const kept = await this.#store.find(match.pathname.groups.id ?? "");
    const { mayUndo, mayWrite } = this.#options;
    if (!kept || mayUndo?.(kept.record.path, request) === false) {
      throw tooLate();
    }
    if (request.method === "DELETE") {
      await this.#removeNow(kept);
      return new Response(null, { status: 204 });
    }
    const path = renamed(kept.record.path, request.url);
    if (path !== kept.record.path && mayWrite?.(path, request) === false) {
      throw new HttpError(403, "You may not write to this path");
    }
    await putBack(this.#directory, kept, path);
    this.#settle(kept);
    await this.#store.forget(kept);
    return Response.json({ path }, {
      status: 201,
      headers: { "cache-control": "no-store" },
    });
  };

  /**
   * Removes what can still be undone, as nobody can ask for it any more. What
   * takes long is left to the next process.
   */
  async close(): Promise<void> {
    for (const { kept } of [...this.#waiting.values()]) {
      this.#settle(kept);
      await this.#enact(kept).catch(() => {});
    }
    await this.#store.close();
  }

  async #takeAway(path: string, request: Request): Promise<Kept> {
    const names = fileNames(path.replace(/\/$/, ""), "write", this.#rules);
    const kept = await this.#store.reserve(path);
    try {
      if (path.endsWith("/")) {
        const { signal } = request;
        const options = { preconditions: request, signal };
        await this.#trees.takeAway(path, kept.place, options);
      } else await this.#takeFileAway(names, kept.place, request);
    } catch (error) {
      await this.#store.forget(kept);
      throw error;
    }
    await syncDirectory(dirname(kept.place));
    return kept;
  }

  /** As `Directory.removeFile` removes it. */
  async #takeFileAway(
    names: string[],
    to: string,
    preconditions: Preconditions,
  ): Promise<void> {
    try {
      const place = this.#containment.placeOf(names);
      if (!place) throw noSuchFile();
      {
        using _lock = await stateOf(this.#directory).lock(dirname(place));
        const there = lstatOf(place);
        if (!there) throw noSuchFile();
        if (!there.isFile && !there.isSymlink) {
          throw new HttpError(409, "Something else has that name");
        }
        const infoOf = (names: string[]) => this.#containment.infoOf(names);
        refuseUnexpected(infoOf(names), preconditions);
        refuseForm(this.#directory, names, (other) => !!infoOf(other));
        await Deno.rename(place, to);
      }
      await syncDirectory(dirname(place));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) throw noSuchFile(error);
      throw removalError(error);
    }
  }

  #removeLater(kept: Kept, seconds: number): void {
    const timer = setTimeout(() => {
      // It stays, and the next process puts it back.
      this.#removeNow(kept).catch(() => {});
    }, seconds * 1000);
    Deno.unrefTimer(timer);
    this.#waiting.set(kept.id, { kept, timer });
  }

  /** Waits no longer for the time of something to be over. */
  #settle({ id }: Kept): void {
    clearTimeout(this.#waiting.get(id)?.timer);
    this.#waiting.delete(id);
  }

  #accepted({ id, record }: Kept, seconds: number): Response {
    const undo = this.#options.path + id;
    const until = new Date(record.time + seconds * 1000).toISOString();
    return Response.json({ undo, until }, {
      status: 202,
      headers: { location: undo, "cache-control": "no-store" },
    });
  }

  async #removeNow(kept: Kept): Promise<void> {
    this.#settle(kept);
    await (await this.#enact(kept))?.emptied;
  }

  /** Removes something, unless it was put back; a directory step by step. */
  async #enact(kept: Kept): Promise<{ emptied: Promise<void> } | undefined> {
    try {
      const there = lstatOf(kept.place);
      if (there?.isDirectory) {
        const removed = await this.#trees.finish(kept.place);
        await this.#store.forget(kept);
        return removed;
      }
      if (there) {
        await Deno.remove(kept.place);
        spaceOf(this.#directory)?.shrink(there.size);
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    await this.#store.forget(kept);
    return undefined;
  }
}

/** Whether a request deletes so that it can be undone. */
export function wantsUndo({ url }: Pick<Request, "url">): boolean {
  return url.includes("undo") && new URL(url).searchParams.has("undo");
}

function secondsOf(url: string): number {
  const text = new URL(url).searchParams.get("undo") ?? "";
  const seconds = Number(text);
  if (/^\d{1,2}$/.test(text) && seconds > 0 && seconds <= MOST_SECONDS) {
    return seconds;
  }
  throw new HttpError(
    400,
    `undo must be a number of seconds up to ${MOST_SECONDS}`,
  );
}

/** The path with the last name that a query asks for. */
function renamed(path: string, url: string): string {
  const name = new URL(url).searchParams.get("name");
  if (name === null) return path;
  // It would be the name of the directory above.
  if (name === "") throw new HttpError(400, "The name must not be empty");
  const end = path.endsWith("/") ? "/" : "";
  const above = path.slice(0, path.length - end.length).split("/").slice(0, -1);
  return [...above, encodeURIComponent(name)].join("/") + end;
}

function tooMany(seconds: number): HttpError {
  return new HttpError(
    503,
    "Too many deletions can still be undone, try again later",
    { headers: { "retry-after": `${seconds}` } },
  );
}

function removalError(error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? error.code : "";
  if (code !== "EXDEV" && code !== "EBUSY") return diskError(error, "write");
  return new HttpError(
    409,
    "It is on another file system than the others, so it can be deleted only " +
      "without undo",
    { cause: error },
  );
}
