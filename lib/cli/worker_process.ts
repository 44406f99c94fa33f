/**
 * One worker, as the process that starts it sees it: what it says, what it is
 * told, and how it ends. It does not know how many there are, nor why one is
 * started.
 *
 * @module
 */

import { deadline } from "@std/async/deadline";
import type { Worker } from "../operations/supervisor.ts";
import type { CertificatePair } from "../server/secure_listener.ts";
import { StartError, UsageError } from "./messages.ts";
import {
  decodeReports,
  encodeOrder,
  type Order,
  type Report,
} from "./worker_channel.ts";

/** What a worker says when it serves. */
export type Ready = Extract<Report, { type: "ready" }>;

/** What is done with what a worker says while it runs. */
export interface WorkerEvents {
  /** Called with whole lines of its log. */
  onLines(lines: Uint8Array<ArrayBuffer>): void;
  /** Called when a load balancer has asked whether it is ready. */
  onWatched(): void;
}

/** Milliseconds that a worker has to tell its metrics. */
const SCRAPE_TIMEOUT = 1000;

/** A worker, from its start to its end. */
export class WorkerProcess implements Worker<Ready> {
  readonly ended: Promise<string>;
  readonly #child: Deno.ChildProcess;
  readonly #orders: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #events: WorkerEvents;
  readonly #ready = Promise.withResolvers<Ready | undefined>();
  #isReady = false;
  /** Why it cannot serve, in its own words. */
  #failure: string | undefined;
  #scrape: PromiseWithResolvers<void> | undefined;
  #metrics: string | undefined;

  /** Starts it; `command` has pipes for both standard input and output. */
  constructor(
    command: Deno.Command,
    start: Extract<Order, { type: "start" }>,
    events: WorkerEvents,
  ) {
    this.#child = command.spawn();
    this.#orders = this.#child.stdin.getWriter();
    this.#events = events;
    this.#send(start);
    this.ended = this.#attend();
  }

  get ready(): Promise<Ready | undefined> {
    return this.#ready.promise;
  }

  /** What it told last of its metrics. */
  get metrics(): string | undefined {
    return this.#metrics;
  }

  renew(certificate: CertificatePair): void {
    this.#send({ type: "renew", certificate });
  }

  drain(delay: number): void {
    this.#send({ type: "drain", delay });
  }

  kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // It has ended already.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  /** Its metrics: those of now, or the last ones if it is too busy to tell. */
  async scrape(): Promise<string | undefined> {
    if (!this.#isReady) return this.#metrics;
    if (!this.#scrape) {
      this.#scrape = Promise.withResolvers();
      this.#send({ type: "scrape" });
    }
    await deadline(this.#scrape.promise, SCRAPE_TIMEOUT).catch(() => {});
    return this.#metrics;
  }

  #send(order: Order): void {
    // Whoever is gone is told nothing, and its end is seen elsewhere.
    this.#orders.write(encodeOrder(order)).catch(() => {});
  }

  async #attend(): Promise<string> {
    try {
      for await (const each of decodeReports(this.#child.stdout)) {
        if (each instanceof Uint8Array) this.#events.onLines(each);
        else this.#take(each);
      }
    } catch {
      this.#failure ??= "it says what no worker says";
      this.kill();
    }
    const { code, signal } = await this.#child.status;
    await this.#orders.close().catch(() => {});
    this.#isReady = false;
    this.#scrape?.resolve();
    this.#ready.resolve(undefined);
    return this.#failure ?? (signal ?? `exit code ${code}`);
  }

  #take(report: Report): void {
    switch (report.type) {
      case "ready":
        this.#isReady = true;
        this.#ready.resolve(report);
        break;
      case "failed": {
        const { message, exitCode } = report;
        const Reason = exitCode === 2 ? UsageError : StartError;
        this.#failure = message;
        this.#ready.reject(new Reason(message));
        break;
      }
      case "watched":
        this.#events.onWatched();
        break;
      case "metrics":
        this.#metrics = report.text;
        this.#scrape?.resolve();
        this.#scrape = undefined;
        break;
    }
  }
}
