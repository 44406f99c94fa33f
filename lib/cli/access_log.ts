/**
 * Writes one line for each exchange, as text or as JSON. Lines never mix: they
 * queue up, and one write at a time takes all that wait.
 *
 * @module
 */

import type { Exchange } from "../observer.ts";
import { quoted } from "./messages.ts";

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
  readonly #format: "text" | "json";
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
  #second = NaN;
  /** It as text, up to the point before the milliseconds. */
  #secondText = "";
  #writing?: Promise<void>;
  /** Ends the wait for more lines. */
  #hurry?: () => void;

  constructor(format: "text" | "json", options: AccessLogOptions = {}) {
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
    const format = this.#format === "json" ? jsonLine : textLine;
    this.#add(format(exchange, this.#timeOf(exchange)));
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

  /** As `toISOString` has it, which would take longer than the rest of a line. */
  #timeOf({ started }: Exchange): string {
    const milliseconds = started % 1000;
    const second = started - milliseconds;
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = new Date(second).toISOString().slice(0, -4);
    }
    return `${this.#secondText}${String(milliseconds).padStart(3, "0")}Z`;
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
      this.#add(
        this.#format === "json" ? quoted({ lost }) : `${lost} lines were lost`,
      );
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

/** Time, client, request line, status, content sent and received, duration. */
function textLine(exchange: Exchange, time: string): string {
  const { method, requestTarget, version, status, userAgent, error } = exchange;
  const request = method === undefined
    ? "-"
    : quoted(`${method} ${requestTarget} ${version}`);
  let line = `${time} ${clientOf(exchange).hostname ?? "-"} ${request} ${
    status ?? "-"
  } sent=${exchange.sent} received=${exchange.received} ${
    exchange.duration.toFixed(1)
  }ms`;
  if (userAgent !== undefined) line += ` ${quoted(userAgent)}`;
  if (error !== undefined) line += ` error=${quoted(describe(error))}`;
  return line;
}

function jsonLine(exchange: Exchange, time: string): string {
  const { remoteAddr: _, started: __, error, status, ...told } = exchange;
  const { hostname, port } = clientOf(exchange);
  return quoted({
    time,
    address: hostname,
    port,
    status: status ?? null,
    ...told,
    error: error === undefined ? undefined : describe(error),
  });
}

function clientOf({ remoteAddr }: Exchange): Partial<Deno.NetAddr> {
  return "hostname" in remoteAddr ? remoteAddr : {};
}

function describe(error: unknown): string {
  return error instanceof Error
    ? `${error.name}: ${error.message}`
    : String(error);
}
