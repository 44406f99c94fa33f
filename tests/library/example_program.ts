/**
 * Runs an example as a process, as its first comment says: the file as it is,
 * with the permissions named there and no others. Under `Deno.serve` an import
 * map puts that in the place of `serve`, and any_port.ts exchanges the port.
 *
 * @module
 */

import { deadline } from "@std/async/deadline";

/** The folder of the examples. */
export const examples = new URL("../../examples/", import.meta.url);

/** What an example may run under. */
export const servers = ["serve", "Deno.serve"] as const;

/** One of them. */
export type Server = typeof servers[number];

/** An example that runs, in a folder of its own, until it is disposed of. */
export class Program implements AsyncDisposable {
  #process: Deno.ChildProcess;
  #output = "";
  #hasEnded = false;
  #more = Promise.withResolvers<void>();
  #reading: Promise<void>;

  private constructor(readonly folder: string, args: string[]) {
    this.#process = new Deno.Command(Deno.execPath(), {
      args,
      cwd: folder,
      env: { NO_COLOR: "1" },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const { stdout, stderr } = this.#process;
    this.#reading = Promise.all([this.#read(stdout), this.#read(stderr)])
      .then(() => {
        this.#hasEnded = true;
        this.#more.resolve();
      });
  }

  static async start(name: string, server: Server): Promise<Program> {
    const file = new URL(`${name}.ts`, examples);
    const source = await Deno.readTextFile(file);
    const [, flags] = source.match(
      new RegExp(`^ \\* deno run (.*)examples/${name}\\.ts$`, "m"),
    )!;
    const folder = await Deno.makeTempDir();
    const args = [
      "run",
      "--no-prompt",
      "--preload",
      new URL("any_port.ts", import.meta.url).href,
      ...flags.replace("127.0.0.1:8000", "127.0.0.1:0").trim().split(" "),
      file.href,
    ].filter((arg) => arg !== "");
    if (server === "Deno.serve") {
      const module = new URL("under_deno_serve.ts", import.meta.url).href;
      const map = { imports: { "@sluice/http": module } };
      await Deno.writeTextFile(`${folder}/map.json`, JSON.stringify(map));
      args.splice(1, 0, "--import-map", `${folder}/map.json`);
    }
    return new Program(folder, args);
  }

  /** Waits until the program has written this, on either output. */
  says(pattern: RegExp): Promise<RegExpExecArray> {
    const find = async () => {
      for (;;) {
        const found = pattern.exec(this.#output);
        if (found) return found;
        if (this.#hasEnded) throw new Error(`It ended: ${this.#output}`);
        await this.#more.promise;
      }
    };
    return deadline(find(), 60_000);
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.#output += text;
      this.#more.resolve();
      this.#more = Promise.withResolvers();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasEnded) this.#process.kill("SIGTERM");
    await this.#process.status;
    await this.#reading;
    await Deno.remove(this.folder, { recursive: true });
  }
}
