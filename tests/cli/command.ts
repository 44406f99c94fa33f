/**
 * Arguments go in, the command runs as a process of its own; its messages, its
 * log and its end come out. It does not know what it is started for.
 *
 * @module
 */

const main = new URL("../../main.ts", import.meta.url).href;

/** Whether this run of the tests may start the command and talk to it. */
export const mayRunCommand: boolean = (await Promise.all([
  Deno.permissions.query({ name: "run", command: Deno.execPath() }),
  Deno.permissions.query({ name: "read" }),
  Deno.permissions.query({ name: "write" }),
  Deno.permissions.query({ name: "net", host: "127.0.0.1" }),
])).every(({ state }) => state === "granted");

/** The permissions of the command as the README starts it. */
export const readmeFlags = [
  "--allow-net",
  "--allow-read=./public",
  "--allow-write=./public",
];

/** How to start the command. */
export interface CommandOptions {
  /** Its working directory. */
  cwd: string;
  /** Flags for Deno. Default: those of the README. */
  flags?: string[];
  /** Variables to add to the environment. */
  env?: Record<string, string>;
  /** What it says when it is ready. Default: that it serves. */
  ready?: RegExp;
}

/** An empty `public` directory in a new directory, gone when disposed of. */
export class Site implements AsyncDisposable {
  private constructor(readonly path: string) {}

  static async make(): Promise<Site> {
    const path = await Deno.realPath(await Deno.makeTempDir());
    await Deno.mkdir(`${path}/public`);
    return new Site(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** Runs the command to its end. */
export async function runCommand(
  args: string[],
  options: CommandOptions,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const output = await commandOf(args, options).output();
  const decoder = new TextDecoder();
  return {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}

/** Starts the command; fulfilled when it listens. */
export async function startCommand(
  args: string[],
  options: CommandOptions,
): Promise<RunningCommand> {
  const command = new RunningCommand(commandOf(args, options).spawn());
  try {
    await command.stderr.until(options.ready ?? /^Serving /);
    return command;
  } catch (error) {
    await command[Symbol.asyncDispose]();
    throw error;
  }
}

function commandOf(args: string[], options: CommandOptions): Deno.Command {
  const { cwd, flags = readmeFlags, env = {} } = options;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...flags, main, ...withoutDelay(args)],
    cwd,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** No balancer is told of its end, unless that is what is tested. */
function withoutDelay(args: string[]): string[] {
  const says = args.some((each) => each.startsWith("--drain-delay"));
  return says ? args : ["--drain-delay=0s", ...args];
}

/** The command while it runs; killed when disposed of. */
export class RunningCommand implements AsyncDisposable {
  readonly stdout: Lines;
  readonly stderr: Lines;
  readonly status: Promise<Deno.CommandStatus>;
  readonly #process: Deno.ChildProcess;

  constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.stdout = new Lines(process.stdout);
    this.stderr = new Lines(process.stderr);
    this.status = process.status;
  }

  /** The URL that it told, with a slash at its end. */
  get url(): string {
    const prefix = "Listening on ";
    const line = this.stderr.all.find((each) => each.startsWith(prefix));
    return line!.slice(prefix.length);
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Sends a signal, if there is anybody left to get it. */
  kill(signal: Deno.Signal): void {
    try {
      this.#process.kill(signal);
    } catch (error) {
      // It has ended, and `status` is about to tell.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGKILL");
    this.stdout.resume();
    await Promise.all([this.status, this.stdout.end, this.stderr.end]);
  }
}

/** The lines of a stream, as they come. */
export class Lines {
  /** Those that have come so far. */
  readonly all: string[] = [];
  /** Fulfilled when the stream has ended. */
  readonly end: Promise<void>;
  #hasEnded = false;
  #news = Promise.withResolvers<void>();
  #pause: PromiseWithResolvers<void> | undefined;

  readonly #reader: ReadableStreamDefaultReader<string>;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = stream.pipeThrough(new TextDecoderStream()).getReader();
    this.end = this.#gather();
  }

  /** Reads no more until `resume`, so that a pipe fills up. */
  pause(): void {
    this.#pause = Promise.withResolvers();
  }

  resume(): void {
    this.#pause?.resolve();
    this.#pause = undefined;
  }

  /** Reads no more: whoever writes gets EPIPE. */
  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }

  /** The first line that matches, of those that have come and those to come. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = this.all.find((line) => pattern.test(line));
      if (found !== undefined) return found;
      if (this.#hasEnded) {
        const text = this.all.join("\n");
        throw new Error(`Cannot find ${pattern} in the lines:\n${text}`);
      }
      await this.#news.promise;
    }
  }

  async #gather() {
    let rest = "";
    for (;;) {
      await this.#pause?.promise;
      const { done, value } = await this.#reader.read();
      if (done) break;
      const lines = (rest + value).split("\n");
      rest = lines.pop()!;
      this.all.push(...lines);
      this.#tell();
    }
    if (rest !== "") this.all.push(rest);
    this.#hasEnded = true;
    this.#tell();
  }

  #tell() {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}
