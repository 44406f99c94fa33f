/**
 * The command on a directory of its own, or another program that serves, to be
 * stopped and started again; and raw requests to it.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";

const main = fromFileUrl(new URL("../../main.ts", import.meta.url));

/** How to start a program that serves. */
export interface Launch {
  /** The program and its arguments; it says `Listening on http://…` on stderr. */
  command: string[];
  /** What it says when it is ready. Default: that it listens. */
  ready?: RegExp;
  /** Whether its standard output is read, by the test. Default: it is dropped. */
  stdout?: "piped" | "null";
  /** Where a shell sends its standard output. Default: where `stdout` says. */
  output?: string;
  /** Whether what it says goes to its standard output as well. Default: no. */
  isMerged?: boolean;
}

/** A program that serves, while it runs. */
export class Server implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly port: number;
  /** Fulfilled when it has ended. */
  readonly ended: Promise<Deno.CommandStatus>;
  readonly #said: Messages;

  private constructor(
    child: Deno.ChildProcess,
    said: Messages,
    port: number,
  ) {
    this.#child = child;
    this.#said = said;
    this.port = port;
    this.ended = child.status;
  }

  /** Starts the command; fulfilled when it listens. */
  static async start(directory: string, ...args: string[]): Promise<Server> {
    return await Server.launch(commandOn(directory, ...args));
  }

  /** Starts any program; fulfilled when it is ready. */
  static async launch(
    { command, ready = /Listening on/, stdout = "null", output, isMerged }:
      Launch,
  ): Promise<Server> {
    const redirection = isMerged ? "2>&1" : output ? `>${output}` : "";
    const child = new Deno.Command("sh", {
      // The shell becomes the program: the process stays one.
      args: ["-c", `exec "$@" ${redirection}`, "sh", ...command],
      stdin: "null",
      stdout: isMerged ? "piped" : stdout,
      stderr: isMerged ? "null" : "piped",
      env: { NO_COLOR: "1" },
    }).spawn();
    const said = new Messages(isMerged ? child.stdout : child.stderr);
    await said.until(ready);
    const [, port] = /Listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(
      said.text,
    )!;
    return new Server(child, said, Number(port));
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** What it has said on its standard error. */
  get messages(): string {
    return this.#said.text;
  }

  /** Reads no more of what it says until its end, so that a pipe fills up. */
  stopReading(): void {
    this.#said.pause();
  }

  /** Fulfilled when it has said that on its standard error. */
  async says(what: RegExp): Promise<void> {
    await this.#said.until(what);
  }

  /** Its standard output, where that is read. */
  get stdout(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#child.stdout;
  }

  /** Sends a signal, if it still runs. */
  signal(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch {
      // It has ended already.
    }
  }

  /** Sends a signal, and waits for the end. @returns how it ended. */
  async kill(signal: Deno.Signal = "SIGKILL"): Promise<Deno.CommandStatus> {
    this.signal(signal);
    const status = await this.ended;
    this.#said.resume();
    await this.#said.ended;
    return status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }
}

/** Options of the command that a test may give itself. */
const defaults = [["--port", "0"], ["--log", "off"], ["--max-body", "2g"], [
  "--drain-delay",
  "0s",
]];

/** How to start the command on a directory. */
export function commandOn(directory: string, ...args: string[]): Launch {
  return {
    command: [
      ...[Deno.execPath(), "run", "--no-prompt", "--allow-net"],
      ...[`--allow-read=${directory}`, `--allow-write=${directory}`],
      ...[main, "--directory", directory, ...args],
      ...defaults.filter(([name]) => !args.includes(name)).flat(),
    ],
    ready: /^Serving/m,
  };
}

/** What a program says, read to its end lest it waits for a reader. */
class Messages {
  text = "";
  readonly ended: Promise<void>;
  #more = Promise.withResolvers<void>();
  #isOpen = true;
  #paused: PromiseWithResolvers<void> | undefined;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.ended = this.#read(stream);
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
      this.text += piece;
      this.#tell();
      await this.#paused?.promise;
    }
    this.#isOpen = false;
    this.#tell();
  }

  pause(): void {
    this.#paused = Promise.withResolvers();
  }

  resume(): void {
    this.#paused?.resolve();
  }

  #tell(): void {
    this.#more.resolve();
    this.#more = Promise.withResolvers();
  }

  async until(what: RegExp): Promise<void> {
    while (!what.test(this.text)) {
      if (!this.#isOpen) throw new Error(`The program ended: ${this.text}`);
      await this.#more.promise;
    }
  }
}

/** The names in a directory, sorted, without that of the shared state. */
export async function namesIn(directory: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(directory));
  return entries.map(({ name }) => name)
    .filter((name) => name !== ".sluice-state").sort();
}

/** Whether these tests can run: they start processes. */
export const mayRun: boolean = (await Promise.all(
  (["run", "read", "write", "net"] as const).map((name) =>
    Deno.permissions.query({ name })
  ),
)).every(({ state }) => state === "granted");

/** A raw request that can be broken off. */
export class RawUpload {
  #conn: Deno.Conn;
  answer: Promise<string>;

  private constructor(conn: Deno.Conn) {
    this.#conn = conn;
    this.answer = readAll(conn);
  }

  /** Sends a head: its request line and fields. */
  static async begin(port: number, ...head: string[]): Promise<RawUpload> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const upload = new RawUpload(conn);
    const lines = [...head, "Host: localhost", "", ""].join("\r\n");
    await upload.send(new TextEncoder().encode(lines));
    return upload;
  }

  /** Sends content; stops where the server takes no more. */
  async send(octets: Uint8Array): Promise<boolean> {
    try {
      for (let at = 0; at < octets.length;) {
        at += await this.#conn.write(octets.subarray(at));
      }
      return true;
    } catch {
      return false;
    }
  }

  close(): void {
    try {
      this.#conn.close();
    } catch {
      // It is closed already.
    }
  }
}

async function readAll(conn: Deno.Conn): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(4096);
  let text = "";
  try {
    for (let count; (count = await conn.read(buffer)) !== null;) {
      text += decoder.decode(buffer.subarray(0, count), { stream: true });
    }
  } catch {
    // Broken off, by one side or the other.
  }
  return text;
}

/** Octets that are the same each time, and of no pattern. */
export function noise(
  length: number,
  seed: number,
): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = seed | 1;
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}

/** A number from 0 up to 1, the same each time. */
export function chances(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
