/**
 * The command on a directory of its own, to be stopped and started again, and
 * raw requests to it.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";

const main = fromFileUrl(new URL("../../main.ts", import.meta.url));

/** The command while it runs. */
export class Server implements AsyncDisposable {
  #child: Deno.ChildProcess;
  #errors: ReadableStreamDefaultReader<string>;
  readonly port: number;

  private constructor(
    child: Deno.ChildProcess,
    errors: ReadableStreamDefaultReader<string>,
    port: number,
  ) {
    this.#child = child;
    this.#errors = errors;
    this.port = port;
  }

  /** Starts it; fulfilled when it listens. */
  static async start(directory: string, ...args: string[]): Promise<Server> {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-prompt", "--allow-net", `--allow-read=${directory}`],
        ...[`--allow-write=${directory}`, main, "--directory", directory],
        ...["--port", "0", "--log", "off", "--max-body", "2g", ...args],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      env: { NO_COLOR: "1" },
    }).spawn();
    const errors = child.stderr.pipeThrough(new TextDecoderStream())
      .getReader();
    let told = "";
    for (;;) {
      const { value, done } = await errors.read();
      if (done) throw new Error(`The command ended: ${told}`);
      told += value;
      const port = /Listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(told)?.[1];
      if (port && /^Serving/m.test(told)) {
        return new Server(child, errors, Number(port));
      }
    }
  }

  get pid(): number {
    return this.#child.pid;
  }

  async kill(signal: Deno.Signal = "SIGKILL"): Promise<void> {
    try {
      this.#child.kill(signal);
    } catch {
      // It has ended already.
    }
    await this.#child.status;
    await this.#errors.cancel();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }
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
