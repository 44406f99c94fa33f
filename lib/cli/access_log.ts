/**
 * Writes one line for each exchange. Lines never mix: they are queued, and one
 * write at a time takes all queued lines.
 *
 * @module
 */

import type { Exchange } from "../observer.ts";
import { lineOf, type LogFormat, lostLine } from "./log_lines.ts";

/**
 * Octets that may wait for a slow reader. Further lines are dropped and
 * counted. A line can be longer than a header section.
 */
const CAPACITY = 8 * 1024 * 1024;

/** The length of a piece in octets, unless one line needs more. */
const PIECE = 64 * 1024;

/** The most milliseconds that a line waits for others. */
const GATHERING = 20;

/** Options of an {@linkcode AccessLog}. */
export interface AccessLogOptions {
  /** Receives the lines. Default: the standard output. */
  output?: WritableStream<Uint8Array>;
  /** Called once, when the output fails; after that the log is off. */
  onFailure?(error: unknown): void;
}

/** The log of exchanges. */
export class AccessLog {
  readonly #format: LogFormat;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #onFailure: (error: unknown) => void;
  /**
   * Queued lines, already encoded: joining text later takes more time, and
   * burdens the garbage collector.
   */
  #pieces: Uint8Array[] = [];
  /** The piece that has room, and how much of it is in use. */
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

  /**
   * Queues the line of an exchange, with the id of its request if it has one;
   * never waits, never throws.
   */
  record(exchange: Exchange, id?: string): void {
    if (this.#failed) return;
    if (this.#waiting >= CAPACITY) {
      this.#lost++;
      return;
    }
    this.#add(lineOf[this.#format](exchange, id));
    this.#writing ??= this.#writeLines();
  }

  /** Queues whole lines that another process has formatted; as `record`. */
  forward(lines: Uint8Array<ArrayBuffer>): void {
    if (this.#failed) return;
    if (this.#waiting >= CAPACITY) {
      this.#lost += lines.reduce((sum, octet) => sum + Number(octet === LF), 0);
      return;
    }
    if (this.#end + lines.length > PIECE) this.#endPiece();
    if (lines.length > PIECE) this.#pieces.push(lines);
    else {
      // A copy: what was read may be a small part of a large buffer.
      this.#piece ??= new Uint8Array(PIECE);
      this.#piece.set(lines, this.#end);
      this.#end += lines.length;
    }
    this.#waiting += lines.length;
    this.#writing ??= this.#writeLines();
  }

  #add(line: string): void {
    // A UTF-16 unit takes at most three octets.
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

  /** Fulfilled when all recorded lines are written, or cannot be. */
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
      // A closed pipe (EPIPE) is no reason to stop serving.
      this.#failed = true;
      this.#takePieces();
      this.#onFailure(error);
    } finally {
      this.#writing = undefined;
    }
  }

  /**
   * Waits for more lines: writing each one separately costs more than
   * everything else.
   */
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
