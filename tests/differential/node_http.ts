/**
 * node:http as a live peer: octets go to it over loopback, each conversation on
 * a connection of its own, and what it found comes back on its standard output.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { encodeLatin1 } from "../../lib/wire/grammar.ts";
import type { Verdict } from "./verdict.ts";

const hostname = "127.0.0.1";

/** Node.js with the server of `peer.mjs`. */
export class NodeHttp implements AsyncDisposable {
  #child: Deno.ChildProcess;
  #port: number;
  #waiting = new Map<number, (verdict: Verdict) => void>();
  #reading: Promise<void>;

  private constructor(child: Deno.ChildProcess, port: number, lines: Lines) {
    this.#child = child;
    this.#port = port;
    this.#reading = this.#read(lines);
  }

  static async start(): Promise<NodeHttp> {
    const child = new Deno.Command("node", {
      args: [fileURLToPath(new URL("./peer.mjs", import.meta.url))],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const lines = linesOf(child.stdout);
    const { value } = await lines.next();
    return new NodeHttp(child, Number(value), lines);
  }

  /** What it says of octets that come whole and are followed by a FIN. */
  async ask(octets: string): Promise<Verdict> {
    const connection = await Deno.connect({ hostname, port: this.#port });
    const { port } = connection.localAddr as Deno.NetAddr;
    const { promise, resolve } = Promise.withResolvers<Verdict>();
    this.#waiting.set(port, resolve);
    try {
      await sendAll(connection, encodeLatin1(octets));
      return await promise;
    } finally {
      connection.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await this.#reading;
    await this.#child.status;
  }

  async #read(lines: Lines): Promise<void> {
    for await (const line of lines) {
      const { port, ...verdict } = JSON.parse(line);
      this.#waiting.get(port)?.(verdict);
      this.#waiting.delete(port);
    }
  }
}

/** It may refuse what it has seen, and be gone before the end. */
async function sendAll(
  connection: Deno.TcpConn,
  octets: Uint8Array,
): Promise<void> {
  try {
    for (let sent = 0; sent < octets.length;) {
      sent += await connection.write(octets.subarray(sent));
    }
    await connection.closeWrite();
    const answers = new Uint8Array(4096);
    while (await connection.read(answers) !== null);
  } catch (error) {
    const isGone = error instanceof Deno.errors.ConnectionReset ||
      error instanceof Deno.errors.BrokenPipe ||
      error instanceof Deno.errors.NotConnected;
    if (!isGone) throw error;
  }
}

type Lines = AsyncGenerator<string>;

async function* linesOf(stream: ReadableStream<Uint8Array>): Lines {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
