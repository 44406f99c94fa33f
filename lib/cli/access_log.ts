/**
 * Writes one line for each exchange. Lines never mix: they queue up, and one write
 * at a time takes all that wait.
 *
 * @module
 */

import type { Exchange } from "../observer.ts";
import { lineOf, type LogFormat, lostLine } from "./log_lines.ts";

/**
 * Octets that may wait for a slow reader. Lines beyond are left out, and
 * counted. A line can be as long as a header section, and then some.
 */
const CAPACITY = 8 * 1024 * 1024;

/** Octets of a piece, unless one line needs more. */
const PIECE = 64 * 1024;

/** Milliseconds that a line waits for others at most. */
const GATHERING = 20;

/** Options of an {@linkcode AccessLog}. */
export interface AccessLogOptions {
  /** Where the lines go. Default: the standard output. */
  output?: WritableStream<Uint8Array>;
  /** Told once, when the output fails; from then on the log is off. */
  onFailure?(error: unknown): void;
}

/** The log of exchanges. */
export class AccessLog {
  readonly #format: LogFormat;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #onFailure: (error: unknown) => void;
  /**
   * What waits, as it will be written: text that is kept takes more time, for it
   * is put together later, and is in the way of the garbage collector.
   */
  #pieces: Uint8Array[] = [];
  /** The one that there is room in, and what of it is in use. */
  #piece: Uint8Array | undefined;
  #end = 0;
  #waiting = 0;
  #lost = 0;
  #failed = false;
  #writing?: Promise<void>;
  /** Ends the wait for more lines. */
  #hurry?: () => void;

  constructor(format: LogFormat, options: AccessLogOptions = {}) {
    this.#format = format;
    this.#writer = (options.output ?? Deno.stdout.writable).getWriter();
    this.#onFailure = options.onFailure ?? (() => {});
  }

  /** Queues the line of an exchange; never waits, never throws. */
  record(exchange: Exchange): void {
    if (this.#failed) return;
    if (this.#waiting >= CAPACITY) {
      this.#lost++;
      return;
    }
    this.#add(lineOf[this.#format](exchange));
    this.#writing ??= this.#writeLines();
  }

  #add(line: string): void {
    // A character is up to three octets, or two of them are four.
    const most = 3 * line.length + 1;
    if (most > PIECE) {
      this.#endPiece();
      const octets = encoder.encode(line + "\n");
      this.#pieces.push(octets);
      this.#waiting += octets.length;
      return;
    }
    if (this.#end + most > PIECE) this.#endPiece();
    this.#piece ??= new Uint8Array(PIECE);
    const { written } = encoder.encodeInto(
      line,
      this.#piece.subarray(this.#end),
    );
    this.#piece[this.#end + written] = LF;
    this.#end += written + 1;
    this.#waiting += written + 1;
  }

  #endPiece(): void {
    if (this.#piece) this.#pieces.push(this.#piece.subarray(0, this.#end));
    this.#piece = undefined;
    this.#end = 0;
  }

  /** Fulfilled when all that was recorded is written, or cannot be. */
  async flush(): Promise<void> {
    this.#hurry?.();
    await this.#writing;
  }

  async #writeLines(): Promise<void> {
    try {
      while (this.#waiting > 0) {
        await this.#gather();
        for (const piece of this.#takePieces()) await this.#writer.write(piece);
      }
    } catch (error) {
      // A reader that went away (EPIPE) is no reason to stop serving.
      this.#failed = true;
      this.#takePieces();
      this.#onFailure(error);
    } finally {
      this.#writing = undefined;
    }
  }

  /** Waits for more lines: to write each by itself costs more than all the rest. */
  async #gather(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, GATHERING);
    this.#hurry = resolve;
    await promise;
    clearTimeout(timer);
  }

  #takePieces(): Uint8Array[] {
    if (this.#lost > 0) {
      const lost = this.#lost;
      this.#add(lostLine(this.#format, lost));
    }
    this.#endPiece();
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#waiting = 0;
    this.#lost = 0;
    return pieces;
  }
}

const encoder = new TextEncoder();
const LF = 0x0a;
