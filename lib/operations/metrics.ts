/**
 * Counts exchanges, and tells the counts in the text format of Prometheus,
 * version 0.0.4.
 *
 * In: each exchange when it is over, and the state of the server when somebody
 * asks. Out: text. No label has a value that a client chose: methods and routes
 * come from fixed lists, so the number of series has a bound.
 *
 * @module
 */

import type { Exchange } from "../observer.ts";

/** The media type of the text. */
export const METRICS_TYPE = "text/plain; version=0.0.4";

/** What is counted by route. */
export interface MetricsOptions {
  /** The patterns of paths that are routes, such as `/files/*`. */
  patterns: readonly string[];
  /** The route of all other paths. Default: `other`. */
  fallback?: string;
  /** The version of the program. */
  version: string;
}

/** The state of a server at the moment of a scrape. */
export interface ServerState {
  connections: { open: number; idle: number; active: number };
  /** How late a timer fires, in seconds. */
  lag: number;
}

/** The upper bounds of the histogram's buckets, in seconds. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** All others are `other`, the last. */
const methods = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "PATCH",
  "OPTIONS",
  "CONNECT",
  "TRACE",
  "other",
];

/** Statuses of a server that refuses a client: each is told from the start. */
const refusals = [408, 413, 414, 421, 429, 431, 503];

/** A status of at most three digits and a method make one key of a Map. */
const STATUSES = 1000;

/** The counts of a server. */
export class Metrics {
  readonly #routes: readonly RouteCounts[];
  readonly #fallback: RouteCounts;
  /** Of requests whose target could not be read. */
  readonly #other: RouteCounts;
  readonly #version: string;
  #received = 0;
  #sent = 0;

  constructor({ patterns, fallback = "other", version }: MetricsOptions) {
    this.#routes = patterns.map((pattern) => new RouteCounts(pattern));
    this.#other = new RouteCounts("other");
    this.#fallback = fallback === "other"
      ? this.#other
      : new RouteCounts(fallback);
    this.#version = version;
  }

  /** Counts an exchange that is over. */
  record(exchange: Exchange): void {
    this.#routeOf(exchange.requestTarget).record(exchange);
    this.#received += exchange.received;
    this.#sent += exchange.sent;
  }

  /**
   * Compares the target as it was sent: a path with dot segments or needless
   * percent-encoding may be counted for another route than the one that
   * answered. In absolute-form, the path begins after the authority.
   */
  #routeOf(target: string | undefined): RouteCounts {
    if (target === undefined) return this.#other;
    const start = target.startsWith("/")
      ? 0
      : target.indexOf("/", target.indexOf("://") + "://".length);
    if (start < 0) return this.#fallback;
    for (const route of this.#routes) {
      if (route.matches(target, start)) return route;
    }
    return this.#fallback;
  }

  /** All counts, and the state of the server and its process. */
  text({ connections, lag }: ServerState): string {
    const { open, idle, active } = connections;
    return [
      family("http_server_requests_total", "counter", {
        help: "Requests by answer; none if the client left before it.",
        samples: this.#all.flatMap((route) => route.answerSamples()),
      }),
      family("http_server_request_duration_seconds", "histogram", {
        help: "Seconds from a request's first octet to the end of its answer.",
        samples: this.#all.flatMap((route) => route.durationSamples()),
      }),
      family("http_server_request_body_bytes_total", "counter", {
        help: "Octets of request content received.",
        samples: [[{}, this.#received]],
      }),
      family("http_server_response_body_bytes_total", "counter", {
        help: "Octets of response content sent.",
        samples: [[{}, this.#sent]],
      }),
      family("http_server_connections", "gauge", {
        help: "Connections now: all open ones, idle ones, those at work.",
        samples: [
          [{ state: "open" }, open],
          [{ state: "idle" }, idle],
          [{ state: "active" }, active],
        ],
      }),
      family("http_server_refusals_total", "counter", {
        help: "Requests refused by a limit, a timeout or a host check.",
        samples: refusals.map((status) => [{ status }, this.#count(status)]),
      }),
      family("event_loop_lag_seconds", "gauge", {
        help: "Lateness of a timer due at once, during this scrape.",
        samples: [[{}, lag]],
      }),
      processFamilies(),
      family("sluice_build_info", "gauge", {
        help: "Always 1; the version is a label.",
        samples: [[{ version: this.#version }, 1]],
      }),
    ].join("");
  }

  get #all(): RouteCounts[] {
    return [...new Set([...this.#routes, this.#fallback, this.#other])];
  }

  #count(status: number): number {
    return this.#all.reduce((sum, route) => sum + route.count(status), 0);
  }
}

/** The counts of one route. */
class RouteCounts {
  readonly #route: string;
  /** The pattern up to its first variable. */
  readonly #prefix: string;
  readonly #isWhole: boolean;
  readonly #answers = new Map<number, number>();
  /** How many were in each bucket alone; the last has no bound. */
  readonly #durations = new Float64Array(bounds.length + 1);
  #seconds = 0;

  constructor(route: string) {
    const end = route.search(/[*:]/);
    this.#route = route;
    this.#isWhole = end < 0;
    this.#prefix = this.#isWhole ? route : route.slice(0, end);
  }

  /** Whether the path that begins there in a target is of this route. */
  matches(target: string, start: number): boolean {
    if (!target.startsWith(this.#prefix, start)) return false;
    const end = start + this.#prefix.length;
    return !this.#isWhole || end === target.length || target[end] === "?";
  }

  /** For every request of the server: it allocates nothing. */
  record({ method, status = 0, duration }: Exchange): void {
    const known = method === undefined ? -1 : methods.indexOf(method);
    const key = (known < 0 ? methods.length - 1 : known) * STATUSES + status;
    this.#answers.set(key, (this.#answers.get(key) ?? 0) + 1);
    const seconds = duration / 1000;
    this.#seconds += seconds;
    let at = 0;
    while (at < bounds.length && seconds > bounds[at]) at++;
    this.#durations[at]++;
  }

  /** How many answers had a status. */
  count(status: number): number {
    let sum = 0;
    for (const [key, count] of this.#answers) {
      if (key % STATUSES === status) sum += count;
    }
    return sum;
  }

  answerSamples(): Sample[] {
    return [...this.#answers].map(([key, count]) => {
      const method = methods[Math.floor(key / STATUSES)];
      const status = key % STATUSES || "none";
      return [{ method, route: this.#route, status }, count];
    });
  }

  durationSamples(): Sample[] {
    const route = this.#route;
    let total = 0;
    const buckets = Array.from(this.#durations, (count, at): Sample => {
      total += count;
      return [{ route, le: bounds[at] ?? "+Inf" }, total, "_bucket"];
    });
    return [
      ...buckets,
      [{ route }, this.#seconds, "_sum"],
      [{ route }, total, "_count"],
    ];
  }
}

/** One line; the suffix is part of its name. */
export type Sample = [
  labels: Record<string, string | number>,
  value: number,
  suffix?: string,
];

/** What is told of each process. */
export function processFamilies(): string {
  return family("process_resident_memory_bytes", "gauge", {
    help: "Resident memory of the process.",
    samples: [[{}, Deno.memoryUsage().rss]],
  }) + family("process_start_time_seconds", "gauge", {
    help: "Start of the process in seconds since 1970.",
    samples: [[{}, performance.timeOrigin / 1000]],
  });
}

/** The lines of one metric, under its help and its type. */
export function family(
  name: string,
  type: "counter" | "gauge" | "histogram",
  { help, samples }: { help: string; samples: Sample[] },
): string {
  const lines = samples.map(([labels, value, suffix = ""]) =>
    `${name}${suffix}${labelsText(labels)} ${value}\n`
  );
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function labelsText(labels: Record<string, string | number>): string {
  const pairs = Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(String(value))}"`);
  return pairs.length > 0 ? `{${pairs.join(",")}}` : "";
}

/** Of a label's value: a backslash, a quote and the end of a line. */
function escaped(value: string): string {
  return value.replace(
    /[\\"\n]/g,
    (character) => character === "\n" ? "\\n" : `\\${character}`,
  );
}
