/**
 * A program goes in, a server that listens comes out: a process of its own, or
 * several, on a core of its own, gone when it is disposed of. What it serves
 * this does not know.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import { onCores, serverCore } from "./cores.ts";

/** What to start. */
export interface Program {
  command: string;
  args: string[];
  /** The file that it writes its standard output to. Default: none. */
  output?: string;
  /**
   * For each of its processes, the cores that it runs on, as taskset takes them.
   * Default: one process on one core, which the load is not on.
   */
  cpuLists?: string[];
}

/** How many milliseconds a server may take until it listens. */
const patience = 60_000;

/** A server that runs. */
export class ServerProcess implements AsyncDisposable {
  /** When it was started, on the clock of `performance`. */
  readonly startTime: number = performance.now();
  readonly #children: Deno.ChildProcess[];
  /** What they say, read to its end lest they wait for a reader. */
  readonly #messages: Promise<string[]>;

  private constructor(children: Deno.ChildProcess[], readonly port: number) {
    this.#children = children;
    this.#messages = Promise.all(
      children.map(({ stderr }) => new Response(stderr).text()),
    );
  }

  /** Starts it; fulfilled when each process accepts connections. */
  static async start(program: Program, port: number): Promise<ServerProcess> {
    const { cpuLists = [serverCore] } = program;
    const commands = await Promise.all(
      cpuLists.map((cores) =>
        onCores(cores, [program.command, ...program.args])
      ),
    );
    const children = commands.map((command) => spawn(command, program.output));
    const server = new ServerProcess(children, port);
    try {
      await server.#accepts();
      return server;
    } catch (cause) {
      await server[Symbol.asyncDispose]();
      const command = [program.command, ...program.args].join(" ");
      const messages = (await server.#messages).join("");
      throw new Error(`Cannot start ${command}: ${messages}`, { cause });
    }
  }

  /** Of the first process. */
  get pid(): number {
    return this.#children[0].pid;
  }

  get pids(): number[] {
    return this.#children.map(({ pid }) => pid);
  }

  /** Asked again and again, as nginx tells nobody that it listens. */
  async #accepts(): Promise<void> {
    let hasEnded = false;
    for (const { status } of this.#children) {
      status.then(() => hasEnded = true);
    }
    const start = performance.now();
    while (!await this.#areListening()) {
      if (hasEnded || performance.now() - start > patience) {
        throw new Error(hasEnded ? "It has ended" : "It does not listen");
      }
      await delay(1);
    }
  }

  async #areListening(): Promise<boolean> {
    const { length } = this.#children;
    return await isListening(this.port) &&
      (length === 1 || await countListeners(this.port) === length);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended before.
      }
    }
    const ends = this.#children.map(({ status }) => status);
    await Promise.all([...ends, this.#messages]);
  }
}

/** The shell and taskset become the program: the process stays one. */
function spawn(command: string[], output = "/dev/null"): Deno.ChildProcess {
  const raised = 'ulimit -n "$(ulimit -Hn)"; exec "$@" >>"$OUTPUT"';
  return new Deno.Command("sh", {
    args: ["-c", raised, "sh", ...command],
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

/** How many sockets listen on a port: one for each process that shares it. */
async function countListeners(port: number): Promise<number> {
  const sockets = await Deno.readTextFile("/proc/net/tcp");
  const local = port.toString(16).toUpperCase().padStart(4, "0");
  // Local address, remote address, and 0A, which is LISTEN.
  const listening = new RegExp(`: [0-9A-F]{8}:${local} 0{8}:0000 0A `, "g");
  return sockets.match(listening)?.length ?? 0;
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
