/**
 * Honest clients of all kinds at once: they echo, read files and replace some,
 * and say where an answer was a lie.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { type Answer, ask } from "./client.ts";
import type { Tally } from "./fault.ts";
import { noise } from "./server.ts";

/** Clients of each kind. */
const clients = 3;

/** Files that nobody changes: one that is kept in memory, one that is streamed. */
const files = {
  "small.bin": noise(10_000, 11),
  "large.bin": noise(3_000_000, 12),
};

/** The versions of a file that may be in its place. */
interface Written {
  name: string;
  /** The one that was answered last. */
  acknowledged: number;
  /** The one that was sent last. */
  sent: number;
}

/** Clients of a server, until they are stopped. */
export class Traffic {
  readonly #directory: string;
  readonly #tally: Tally;
  readonly #written: Written[];
  /** Whole answers of status 2xx. */
  answered = 0;
  /** Requests that got none: for what, and after how many ms. */
  readonly broken: string[] = [];
  #isOn = false;
  #running: Promise<unknown> = Promise.resolve();

  private constructor(directory: string, tally: Tally) {
    this.#directory = directory;
    this.#tally = tally;
    this.#written = Array.from({ length: clients }, (_, at) => ({
      name: `written-${at}.bin`,
      acknowledged: 0,
      sent: 0,
    }));
  }

  /** Lays out the files in an empty directory. */
  static async prepare(directory: string, tally: Tally): Promise<Traffic> {
    const traffic = new Traffic(directory, tally);
    for (const [name, content] of Object.entries(files)) {
      await Deno.writeFile(`${directory}/${name}`, content);
    }
    for (const { name } of traffic.#written) {
      await Deno.writeFile(`${directory}/${name}`, contentOf(name, 0));
    }
    return traffic;
  }

  /** What is in the directory when nothing runs. */
  get names(): string[] {
    return [...Object.keys(files), ...this.#written.map(({ name }) => name)]
      .sort();
  }

  /** Starts clients of a server. */
  start(port: number): void {
    this.#isOn = true;
    this.#running = Promise.all(
      this.#written.flatMap((written) => [
        this.#repeat("echo", () => this.#echo(port)),
        this.#repeat("read", () => this.#read(port)),
        this.#repeat("write", () => this.#write(port, written)),
      ]),
    );
  }

  /** Stops them, each after its last request. */
  async stop(): Promise<void> {
    this.#isOn = false;
    await this.#running;
  }

  async #repeat(name: string, exchange: () => Promise<boolean>): Promise<void> {
    while (this.#isOn) {
      const start = performance.now();
      if (await exchange()) this.answered++;
      else {
        const time = performance.now() - start;
        this.broken.push(`${name} after ${time.toFixed()} ms`);
        // Not at once, when nobody listens.
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  }

  async #echo(port: number): Promise<boolean> {
    const text = `echo-${this.answered}`;
    const answer = await ask(port, `GET /echo/${text} HTTP/1.1`);
    return this.#judge(answer, "/echo", new TextEncoder().encode(text));
  }

  async #read(port: number): Promise<boolean> {
    const name = this.answered % 2 === 0 ? "small.bin" : "large.bin";
    const answer = await ask(port, `GET /files/${name} HTTP/1.1`);
    return this.#judge(answer, name, files[name]);
  }

  async #write(port: number, written: Written): Promise<boolean> {
    const { name } = written;
    const content = contentOf(name, ++written.sent);
    const answer = await ask(port, `PUT /files/${name} HTTP/1.1`, { content });
    const isDone = this.#judge(answer, `PUT ${name}`, new Uint8Array(0));
    if (isDone) written.acknowledged = written.sent;
    return isDone;
  }

  /** An answer is what was asked for, or it is not taken for whole. */
  #judge(answer: Answer, what: string, expected: Uint8Array): boolean {
    const { status, content, isWhole } = answer;
    if (!isWhole) return false;
    const isRight = status >= 200 && status < 300 && isSame(content, expected);
    this.#tally.expect(isRight, () => `${what}: ${status}`);
    return isRight;
  }

  /** What was answered is in its place, or what was sent after it; whole. */
  async check(): Promise<void> {
    for (const written of this.#written) {
      const { name, acknowledged, sent } = written;
      const content = await Deno.readFile(`${this.#directory}/${name}`);
      const found = [acknowledged, sent]
        .find((version) => isSame(content, contentOf(name, version)));
      this.#tally.expect(
        found !== undefined,
        () => `${name} has ${content.length} octets of neither version`,
      );
      if (found !== undefined) written.acknowledged = found;
    }
  }
}

/** Some hundred kibibytes, more or less of them in each version. */
function contentOf(name: string, version: number): Uint8Array<ArrayBuffer> {
  const seed = Number(/\d+/.exec(name)![0]) * 100_003 + version * 17 + 1;
  return noise(200_000 + version * 977 % 400_000, seed);
}

/** Whether two runs of octets are the same. */
export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
