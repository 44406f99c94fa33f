/**
 * A program goes in, a server that listens comes out: a process of its own, on
 * a core of its own, gone when it is disposed of. What it serves this does not
 * know.
 *
 * @module
 */
import { delay } from "@std/async/delay";

/** What to start. */
export interface Program {
  command: string;
  args: string[];
  /** The file that it writes its standard output to. Default: none. */
  output?: string;
}

/** How many milliseconds a server may take until it listens. */
const patience = 60_000;

/** Core of the servers; the load has the other. */
const serverCore = "0";
const loadCore = "1";

/** Whether each side has a core of its own. */
export const isPinned: boolean = navigator.hardwareConcurrency > 1 &&
  await moveToLoadCore();

/** This process and what it starts are the load, but for the servers. */
async function moveToLoadCore(): Promise<boolean> {
  try {
    const args = ["--all-tasks", "--cpu-list", "--pid", loadCore];
    const { success } = await new Deno.Command("taskset", {
      args: [...args, String(Deno.pid)],
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** A server that runs. */
export class ServerProcess implements AsyncDisposable {
  /** When it was started, on the clock of `performance`. */
  readonly startTime: number = performance.now();
  readonly #child: Deno.ChildProcess;
  /** What it says, read to its end lest it waits for a reader. */
  readonly #messages: Promise<string>;

  private constructor(child: Deno.ChildProcess, readonly port: number) {
    this.#child = child;
    this.#messages = new Response(child.stderr).text();
  }

  /** Starts it; fulfilled when it accepts connections. */
  static async start(program: Program, port: number): Promise<ServerProcess> {
    const server = new ServerProcess(spawn(program), port);
    try {
      await server.#accepts();
      return server;
    } catch (cause) {
      await server[Symbol.asyncDispose]();
      const command = [program.command, ...program.args].join(" ");
      const messages = await server.#messages;
      throw new Error(`Cannot start ${command}: ${messages}`, { cause });
    }
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Asked again and again, as nginx tells nobody that it listens. */
  async #accepts(): Promise<void> {
    let hasEnded = false;
    this.#child.status.then(() => hasEnded = true);
    const start = performance.now();
    while (!await isListening(this.port)) {
      if (hasEnded || performance.now() - start > patience) {
        throw new Error(hasEnded ? "It has ended" : "It does not listen");
      }
      await delay(1);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended before.
    }
    await Promise.all([this.#child.status, this.#messages]);
  }
}

/** The shell and taskset become the program: the process stays one. */
function spawn(
  { command, args, output = "/dev/null" }: Program,
): Deno.ChildProcess {
  const pin = isPinned ? ["taskset", "--cpu-list", serverCore] : [];
  const raised = 'ulimit -n "$(ulimit -Hn)"; exec "$@" >>"$OUTPUT"';
  return new Deno.Command("sh", {
    args: ["-c", raised, "sh", ...pin, command, ...args],
    env: { OUTPUT: output },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

async function isListening(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}

/**
 * A port that nobody listens on; of those that the system gives to nobody unasked,
 * or a server of another test could get it before this one listens.
 */
export function freePort(): number {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
