/**
 * The post of a worker: the place in which it takes orders from the process that
 * started it, and reports. When that process is gone, it stops as well.
 *
 * @module
 */

import type { Health } from "../operations/health.ts";
import type { HttpServer } from "../server/http_server.ts";
import type { CertificatePair } from "../server/secure_listener.ts";
import { quietly } from "../server/strays.ts";
import { UsageError } from "./messages.ts";
import {
  decodeOrders,
  encodeReport,
  type Order,
  type Report,
} from "./worker_channel.ts";

/** What a worker does while it is at its post. */
export interface Duty {
  server: Pick<
    HttpServer,
    "addr" | "finished" | "shutdown" | "setCertificate"
  >;
  health: Health;
  /** Tells its metrics, if they are wanted. */
  scrape?(): Promise<string>;
  /** What to change so that it receives files; undefined if it does. */
  writeAdvice?: string;
}

/** The orders and reports of this process. */
export class Post {
  readonly #orders: AsyncGenerator<Order>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;

  readonly #start: Extract<Order, { type: "start" }>;

  private constructor(
    orders: AsyncGenerator<Order>,
    start: Extract<Order, { type: "start" }>,
  ) {
    this.#orders = orders;
    this.#start = start;
    this.#writer = Deno.stdout.writable.getWriter();
  }

  /** Waits for the first order. */
  static async take(): Promise<Post> {
    leaveSignals();
    const orders = decodeOrders(Deno.stdin.readable);
    const first = await orders.next().catch(() => undefined);
    if (first?.value?.type === "start") return new Post(orders, first.value);
    throw new UsageError(
      "Cannot start as a worker: nobody gives orders, write --workers instead",
    );
  }

  /** The port to listen on; 0 for any free one. */
  get port(): number {
    return this.#start.port;
  }

  /** With TLS, what to begin with. */
  get certificate(): CertificatePair | undefined {
    return this.#start.certificate;
  }

  /** What it may have of a total; all workers together have all of it. */
  share(total: number): number {
    const { place, count } = this.#start;
    return Math.floor(total / count) + (place < total % count ? 1 : 0);
  }

  /** Takes whole lines of the log, one or more at once. */
  get log(): WritableStream<Uint8Array> {
    return new WritableStream({
      write: (lines) => this.#writer.write(lines),
    });
  }

  /** Tells why it cannot serve. */
  async fail(message: string, exitCode: number): Promise<void> {
    await this.#report({ type: "failed", message, exitCode });
  }

  /** Serves until it is told to stop, or until nobody is left to tell it. */
  async serve(duty: Duty): Promise<void> {
    const { server, health, writeAdvice, scrape } = duty;
    health.onWatched = () => this.#report({ type: "watched" });
    this.#report({ type: "ready", addr: server.addr, writeAdvice });
    this.#obey(duty);
    await server.finished;
    if (scrape) await this.#report({ type: "metrics", text: await scrape() });
  }

  async #obey({ server, health, scrape }: Duty): Promise<void> {
    const stop = (delay: number) => {
      health.isReady = false;
      server.shutdown({ delay });
    };
    for await (const order of this.#orders) {
      if (order.type === "drain") stop(order.delay);
      // One that is wrong is no reason to stop: it goes on with what it has.
      if (order.type === "renew") {
        quietly(() => server.setCertificate(order.certificate));
      }
      if (order.type === "scrape") {
        scrape?.().then((text) => this.#report({ type: "metrics", text }));
      }
    }
    // At once, so that the next ones find the port free.
    stop(0);
  }

  /** Never rejects: nobody may be left to hear it. */
  async #report(report: Report): Promise<void> {
    await this.#writer.write(encodeReport(report)).catch(() => {});
  }
}

/**
 * Signals are for the process that started it. A terminal sends Ctrl-C to both,
 * and systemd SIGTERM: each worker would stop by itself, without the delay.
 */
function leaveSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => {});
  }
}
