/**
 * How a worker is started: by which program, with which flags, and with exactly
 * the permissions that it needs, which the process that starts it has to have as
 * well. It starts none itself.
 *
 * @module
 */

import { authorityOf } from "../authority.ts";
import { StartError } from "./messages.ts";
import type { Options } from "./options.ts";
import { flagFor, obtain } from "./permissions.ts";
import {
  FREE_SPACE,
  obtainDirectory,
  obtainFreeSpace,
  readOnlyOption,
  refuseUsedPort,
} from "./start.ts";

/** What starts workers, with all permissions that they need. */
export class WorkerCommand {
  readonly #program: string;
  readonly #hostname: string;
  readonly #files: string[];

  private constructor(
    program: string,
    { host, paths }: {
      host: string;
      paths: Record<"read" | "write", string[]>;
    },
    /** What to change so that workers receive files; undefined if they may. */
    readonly writeAdvice: string | undefined,
  ) {
    this.#program = program;
    this.#hostname = host;
    this.#files = Object.entries(paths)
      .filter(([, each]) => each.length > 0)
      .map(([name, each]) => `--allow-${name}=${each.join()}`);
  }

  /** Obtains all that workers need; throws a StartError that says what to add. */
  static async obtain(options: Options): Promise<WorkerCommand> {
    refuseElsewhere();
    const { directory: path, host, port } = options;
    const program = Deno.execPath();
    const advice = await obtain({ name: "run", command: program });
    if (advice) {
      throw new StartError(`Cannot start workers: not allowed, ${advice}`);
    }
    const readOnlyBy = readOnlyOption(options);
    const writeAdvice = await obtainDirectory(path, { readOnlyBy });
    const asksForSpace = options["keep-free"] !== undefined;
    if (asksForSpace) await obtainFreeSpace();
    await refuseUsedPort({ hostname: host, port });
    const paths = {
      read: await granted("read", path),
      write: writeAdvice === undefined ? await granted("write", path) : [],
    };
    // Deno's flags end a path at a comma: they would allow another one.
    if (paths.read.some((each) => each.includes(","))) {
      throw new StartError(
        "Cannot start workers: choose a directory without a comma in its path",
      );
    }
    const command = new WorkerCommand(program, { host, paths }, writeAdvice);
    if (asksForSpace) command.#files.push(flagFor(FREE_SPACE));
    return command;
  }

  /** Starts a worker that listens on a port. */
  on(port: number, args: string[]): Deno.Command {
    const net = authorityOf({ hostname: this.#hostname, port });
    const flags = [...this.#files, `--allow-net=${net}`];
    return new Deno.Command(this.#program, {
      args: [...runFlags(), ...flags, Deno.mainModule, ...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    });
  }
}

function refuseElsewhere(): void {
  const why = Deno.build.os !== "linux"
    ? "only Linux spreads the connections of a port"
    : Deno.build.standalone
    ? "a compiled program cannot give them permissions of their own"
    : undefined;
  if (why) throw new StartError(`Cannot start workers: ${why}, omit --workers`);
}

/** A path, and what it links to if that is granted as well. */
async function granted(
  name: "read" | "write",
  path: string,
): Promise<string[]> {
  const real = await Deno.realPath(path).catch(() => path);
  const { state } = await Deno.permissions.query({ name, path: real });
  return real !== path && state === "granted" ? [path, real] : [path];
}

/**
 * What this process runs with, as far as it can be told. A program from elsewhere
 * has no configuration; the one of the working directory must not become it.
 */
function runFlags(): string[] {
  const config = Deno.mainModule.startsWith("file:") ? [] : ["--no-config"];
  return [
    ...["run", "--quiet", "--no-prompt", "--cached-only", "--unstable-net"],
    ...config,
  ];
}
