/**
 * Adds up the metrics of several processes that serve as one.
 *
 * In: the texts that `metrics.ts` of each has made. Out: one text of the same
 * metrics. What a process that has ended had counted stays in the sums: without
 * it they would fall, which Prometheus takes for a restart.
 *
 * @module
 */

/** One metric of a text. */
interface Family {
  /** Its lines `# HELP` and `# TYPE`. */
  head: string;
  isGauge: boolean;
  /** By name and labels as in the text, in its order. */
  samples: Map<string, number>;
}

/** Gauges that would mean nothing as a sum; all others are added up. */
const joined: Record<string, (one: number, other: number) => number> = {
  event_loop_lag_seconds: Math.max,
  process_start_time_seconds: Math.min,
  sluice_build_info: Math.max,
};

/** The metrics of processes of one kind. */
export class SummedMetrics {
  /** Counters and histograms of those that have ended. */
  readonly #past = new Map<string, Family>();

  /** Keeps what a process had counted that has ended. */
  retire(text: string): void {
    for (const [name, family] of parse(text)) {
      if (!family.isGauge) add(this.#past, name, family);
    }
  }

  /** The sums of all that have ended and of those that run. */
  text(running: string[]): string {
    const sums = new Map<string, Family>();
    for (const text of running) {
      for (const [name, family] of parse(text)) add(sums, name, family);
    }
    for (const [name, family] of this.#past) add(sums, name, family);
    let text = "";
    for (const { head, samples } of sums.values()) {
      text += head;
      for (const [key, value] of samples) text += `${key} ${value}\n`;
    }
    return text;
  }
}

function parse(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  let family: Family | undefined;
  for (const line of text.split("\n")) {
    if (line.startsWith("# HELP ")) {
      const [, , name] = line.split(" ", 3);
      family = { head: `${line}\n`, isGauge: false, samples: new Map() };
      families.set(name, family);
    } else if (line.startsWith("# TYPE ")) {
      family!.head += `${line}\n`;
      family!.isGauge = line.endsWith(" gauge");
    } else if (line !== "") {
      // A value has no space, a label may.
      const end = line.lastIndexOf(" ");
      family!.samples.set(line.slice(0, end), Number(line.slice(end + 1)));
    }
  }
  return families;
}

function add(sums: Map<string, Family>, name: string, family: Family): void {
  const sum = sums.get(name);
  if (!sum) {
    sums.set(name, { ...family, samples: new Map(family.samples) });
    return;
  }
  const join = joined[name] ?? ((one, other) => one + other);
  for (const [key, value] of family.samples) {
    const before = sum.samples.get(key);
    sum.samples.set(key, before === undefined ? value : join(before, value));
  }
}
