/**
 * Several processes that serve one port, as if they were one: started with the
 * permissions that they need and no others, started again, stopped together;
 * one log, one set of metrics.
 *
 * It opens nothing of the directory, and never sees a request.
 *
 * @module
 */

import type { Health } from "../operations/health.ts";
import { family, processFamilies } from "../operations/metrics.ts";
import { SummedMetrics } from "../operations/summed_metrics.ts";
import { Supervisor } from "../operations/supervisor.ts";
import type { ShutdownOptions } from "../server/http_server.ts";
import type { CertificatePair } from "../server/secure_listener.ts";
import type { AccessLog } from "./access_log.ts";
import { StartError, tellInPassing, UsageError } from "./messages.ts";
import type { Options } from "./options.ts";
import { WorkerCommand } from "./worker_command.ts";
import { type Ready, WorkerProcess } from "./worker_process.ts";

/** Milliseconds past all timeouts that a worker may take to end. */
const GRACE = 5000;

/** What workers are started with. */
export interface WorkersOptions {
  options: Options;
  /** How many there are. */
  count: number;
  /** The arguments of each, which make it a worker. */
  args: string[];
  health: Health;
  /** What they begin with, if they speak TLS. */
  certificate?: CertificatePair;
  /** Takes the lines of all. */
  log?: AccessLog;
}

/** All workers. */
export class Workers {
  readonly #options: WorkersOptions;
  readonly #command: WorkerCommand;
  readonly #supervisor: Supervisor<Ready>;
  readonly #processes = new Set<WorkerProcess>();
  readonly #sums = new SummedMetrics();
  #ready: Ready | undefined;
  #isStopping = false;

  private constructor(options: WorkersOptions, command: WorkerCommand) {
    this.#options = options;
    this.#command = command;
    this.#supervisor = new Supervisor({
      count: options.count,
      start: (place, first) => this.#launch(place, first),
      onEnd: (place, how, pause) => {
        tellInPassing(`Worker ${place + 1} ended: ${how}, ${another(pause)}`);
      },
      onChange: () => this.#changed(),
    });
  }

  /** Starts them; throws a StartError that says what to change. */
  static async start(options: WorkersOptions): Promise<Workers> {
    const { count, options: { "max-connections": connections } } = options;
    if (connections < count) {
      throw new UsageError(
        `Cannot use --max-connections: got "${connections}", write at least ` +
          `one for each of the ${count} workers`,
      );
    }
    const command = await WorkerCommand.obtain(options.options);
    const workers = new Workers(options, command);
    try {
      workers.#ready = await workers.#supervisor.start();
    } catch (error) {
      workers.#supervisor.kill();
      if (error instanceof StartError || error instanceof UsageError) {
        throw error;
      }
      const how = error instanceof Error ? error.message : String(error);
      throw new StartError(
        `Cannot start a worker: it ends with ${how} before it serves, see ` +
          "above what it says, or omit --workers",
        { cause: error },
      );
    }
    return workers;
  }

  get addr(): Deno.NetAddr {
    return this.#ready!.addr;
  }

  /** What to change so that they receive files; undefined if they do. */
  get writeAdvice(): string | undefined {
    return this.#command.writeAdvice ?? this.#ready!.writeAdvice;
  }

  /** Fulfilled when all have ended. */
  get finished(): Promise<void> {
    return this.#supervisor.finished;
  }

  /** Stops all of them, as `shutdown` of a server stops one. */
  shutdown({ delay = 0 }: ShutdownOptions = {}): Promise<void> {
    this.#isStopping = true;
    this.#supervisor.drain(delay);
    const { "shutdown-timeout": timeout } = this.#options.options;
    const timer = setTimeout(() => this.kill(), delay + timeout + GRACE);
    return this.finished.then(() => clearTimeout(timer));
  }

  /** Gives all of them another certificate, and those that start later. */
  setCertificate(certificate: CertificatePair): void {
    this.#options.certificate = certificate;
    for (const process of this.#processes) process.renew(certificate);
  }

  /** Ends all of them at once. */
  kill(): void {
    this.#supervisor.kill();
  }

  /** The metrics of all of them, those that have ended included. */
  async scrape(): Promise<string> {
    const texts = await Promise.all(
      [...this.#processes].map((process) => process.scrape()),
    );
    return this.#sums.text([
      ...texts.filter((text) => text !== undefined),
      this.#ownMetrics(),
    ]);
  }

  #launch(place: number, first: Ready | undefined): WorkerProcess {
    const { options, count, args, health, log, certificate } = this.#options;
    const port = first?.addr.port ?? options.port;
    const process = new WorkerProcess(
      this.#command.on(port, args),
      { type: "start", port, place, count, certificate },
      {
        onLines: (lines) => log?.forward(lines),
        onWatched: () => health.isWatched = true,
      },
    );
    this.#processes.add(process);
    process.ended.then(() => {
      this.#processes.delete(process);
      if (process.metrics !== undefined) this.#sums.retire(process.metrics);
    });
    return process;
  }

  #changed(): void {
    this.#options.health.isReady = !this.#isStopping &&
      this.#supervisor.serving > 0;
  }

  /** Of this process and of the workers as such. */
  #ownMetrics(): string {
    return [
      family("sluice_workers", "gauge", {
        help: "Workers that serve now.",
        samples: [[{}, this.#supervisor.serving]],
      }),
      family("sluice_worker_restarts_total", "counter", {
        help: "Workers started in the place of one that had ended.",
        samples: [[{}, this.#supervisor.restarts]],
      }),
      processFamilies(),
    ].join("");
  }
}

function another(pause: number): string {
  return pause === 0
    ? "another one starts"
    : `another one starts in ${pause / 1000} s`;
}
