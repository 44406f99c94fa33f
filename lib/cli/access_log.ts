/**
 * Exchanges go in, one line for each comes out, as text or as JSON. Lines never
 * mix: they queue up, and one write at a time takes all that wait. It does not
 * know what became of the exchange beyond what it is told.
 *
 * @module
 */

import type { Exchange } from "../../mod.ts";
import { quoted } from "./quoted.ts";

/**
 * Characters that may wait for a slow reader. Lines beyond are left out, and
 * counted. A line can be as long as a header section, and then some.
 */
const capacity = 8 * 1024 * 1024;

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
  #lines: string[] = [];
  #waiting = 0;
  #lost = 0;
  #failed = false;
  #writing?: Promise<void>;

  constructor(format: "text" | "json", options: AccessLogOptions = {}) {
    this.#format = format;
    this.#writer = (options.output ?? Deno.stdout.writable).getWriter();
    this.#onFailure = options.onFailure ?? (() => {});
  }

  /** Queues the line of an exchange; never waits, never throws. */
  record(exchange: Exchange): void {
    if (this.#failed) return;
    if (this.#waiting >= capacity) {
      this.#lost++;
      return;
    }
    const format = this.#format === "json" ? jsonLine : textLine;
    const line = format(exchange);
    this.#lines.push(line);
    this.#waiting += line.length;
    this.#writing ??= this.#writeLines();
  }

  /** Fulfilled when all that was recorded is written, or cannot be. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #writeLines(): Promise<void> {
    const encoder = new TextEncoder();
    try {
      while (this.#lines.length > 0) {
        const text = this.#takeLines().join("\n") + "\n";
        await this.#writer.write(encoder.encode(text));
      }
    } catch (error) {
      // A reader that went away (EPIPE) is no reason to stop serving.
      this.#failed = true;
      this.#lines = [];
      this.#onFailure(error);
    } finally {
      this.#writing = undefined;
    }
  }

  #takeLines(): string[] {
    const lines = this.#lines;
    if (this.#lost > 0) {
      const lost = this.#lost;
      lines.push(
        this.#format === "json" ? quoted({ lost }) : `${lost} lines were lost`,
      );
    }
    this.#lines = [];
    this.#waiting = 0;
    this.#lost = 0;
    return lines;
  }
}

/** Time, client, request line, status, content sent and received, duration. */
function textLine(exchange: Exchange): string {
  const { method, requestTarget, version, status, userAgent, error } = exchange;
  const requestLine = [method, requestTarget, version]
    .filter((part) => part !== undefined).join(" ");
  const parts = [
    new Date(exchange.started).toISOString(),
    clientOf(exchange).hostname ?? "-",
    requestLine === "" ? "-" : quoted(requestLine),
    status ?? "-",
    `sent=${exchange.sent}`,
    `received=${exchange.received}`,
    `${exchange.duration.toFixed(1)}ms`,
  ];
  if (userAgent !== undefined) parts.push(quoted(userAgent));
  if (error !== undefined) parts.push(`error=${quoted(describe(error))}`);
  return parts.join(" ");
}

function jsonLine(exchange: Exchange): string {
  const { remoteAddr: _, started, error, status, ...told } = exchange;
  const { hostname, port } = clientOf(exchange);
  return quoted({
    time: new Date(started).toISOString(),
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
