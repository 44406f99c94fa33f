/**
 * What was measured goes in, a table in Markdown comes out: medians, and the
 * medians of the ratios within each round.
 *
 * @module
 */
import type { Outcome } from "./rounds.ts";
import type { Measurement, Unit, Workload } from "./workload.ts";

/** The head of the table. */
export const tableHead = [
  "| workload | server | result | ours ÷ it | CPU | ours ÷ it | p50 | p99 | memory |",
  "| --- | --- | --: | --: | --: | --: | --: | --: | --: |",
];

/** The rows of a workload, for the servers of which the first is ours. */
export function tableRows(workload: Workload, outcomes: Outcome[]): string[] {
  const [ours] = outcomes;
  return outcomes.map((outcome, at) => {
    const { measurements } = outcome;
    const cells = [
      at === 0 ? `**${workload.name}**: ${workload.title}` : "",
      outcome.server,
      formatResult(outcome, "figure", workload.unit),
      formatRatio(ours, outcome, "figure"),
      format(medianOf(measurements, "cpu"), "µs"),
      formatRatio(ours, outcome, "cpu"),
      format(medianOf(measurements, "p50"), "ms"),
      format(medianOf(measurements, "p99"), "ms"),
      `${Math.round(outcome.peak / 1024)} MiB`,
    ];
    return `| ${cells.join(" | ")} |`;
  });
}

/** The head of the table of what is watched. */
export const ratioHead = [
  "| workload | what is divided | ours | beside | it | ratio | lowest to highest |",
  "| --- | --- | --: | --- | --: | --: | --: |",
];

/** What is watched of a workload, for the servers that were measured. */
export function ratioRows(
  { name, title, unit, ratios = [] }: Workload,
  outcomes: Outcome[],
): string[] {
  const [ours] = outcomes;
  return ratios.flatMap(({ server, by }) => {
    const other = outcomes.find((outcome) => outcome.server === server);
    if (!other) return [];
    const pair: Pair = by === "cpu" ? [other, ours, by] : [ours, other, by];
    const cells = [
      `${name}: ${title}`,
      by === "cpu" ? "CPU, its ÷ ours" : `${unit}, ours ÷ its`,
      formatResult(ours, by, unit),
      server,
      formatResult(other, by, unit),
      formatRatio(...pair),
      formatRange(...pair),
    ];
    return [`| ${cells.join(" | ")} |`];
  });
}

function formatResult({ measurements }: Outcome, key: Key, unit: Unit): string {
  const result = medianOf(measurements, key);
  return key === "cpu"
    ? format(result, "µs")
    : `${formatFigure(result!)} ${unit}`;
}

/** The head of the table of the present state beside another commit. */
export const comparisonHead = [
  "| workload | CPU: present ÷ it | lowest to highest | result: present ÷ it | lowest to highest |",
  "| --- | --: | --: | --: | --: |",
];

/** The present state beside the server of that name, if that was measured. */
export function comparisonRows(
  { name, title, unit }: Workload,
  outcomes: Outcome[],
  other: string,
): string[] {
  const [ours] = outcomes;
  const theirs = outcomes.find(({ server }) => server === other);
  if (!theirs) return [];
  const cells = [
    `${name}: ${title}`,
    formatRatio(ours, theirs, "cpu"),
    formatRange(ours, theirs, "cpu"),
    `${formatRatio(ours, theirs, "figure")} (${unit})`,
    formatRange(ours, theirs, "figure"),
  ];
  return [`| ${cells.join(" | ")} |`];
}

type Key = keyof Measurement;
type Pair = [Outcome, Outcome, Key];

function formatRatio(one: Outcome, other: Outcome, key: Key): string {
  if (other === one) return "";
  return median(ratiosOf(one, other, key))?.toFixed(2) ?? "";
}

/** How far the rounds lie apart: what a difference must exceed to be one. */
function formatRange(one: Outcome, other: Outcome, key: Key): string {
  const ratios = ratiosOf(one, other, key);
  if (ratios.length === 0) return "";
  const ends = [Math.min(...ratios), Math.max(...ratios)];
  return ends.map((ratio) => ratio.toFixed(2)).join(" to ");
}

/** Of each round by itself, as a disturbance is shared within it. */
function ratiosOf(one: Outcome, other: Outcome, key: Key): number[] {
  return other.measurements.flatMap((divisors, round) => {
    const dividend = one.measurements[round][key];
    const divisor = divisors[key];
    const ratio = (dividend ?? NaN) / (divisor ?? NaN);
    return Number.isFinite(ratio) ? [ratio] : [];
  });
}

function medianOf(
  measurements: Measurement[],
  key: Key,
): number | undefined {
  return median(measurements.map((measurement) => measurement[key] ?? NaN));
}

function median(figures: number[]): number | undefined {
  const sorted = figures.filter(Number.isFinite).sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return undefined;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

const figureFormat = new Intl.NumberFormat("en", {
  maximumSignificantDigits: 4,
});

/** A figure with as many digits as can be believed, and one more. */
export function formatFigure(figure: number): string {
  return figureFormat.format(figure);
}

function format(figure: number | undefined, unit: string): string {
  return figure === undefined ? "" : `${figure.toPrecision(3)} ${unit}`;
}
