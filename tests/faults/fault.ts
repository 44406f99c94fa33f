/**
 * A fault and a promise go in, a test comes out. It counts how often the fault
 * was injected and how often the promise was broken, and `run.ts` makes a table
 * of all of them.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";

/** What is done to the server, and what holds all the same. */
export interface Fault {
  /** What is injected. */
  fault: string;
  /** What holds although it was injected. */
  promise: string;
  /** Whether something that the test needs is missing. */
  ignore?: boolean;
}

/** A row of the table. */
export interface Row {
  fault: string;
  promise: string;
  injected: number;
  violations: number;
}

/** Counts what a test does and sees. */
export class Tally {
  injected = 0;
  readonly violations: string[] = [];

  /** Says that the fault was injected. */
  inject(count = 1): void {
    this.injected += count;
  }

  /** Says what was seen, if the promise does not hold. */
  expect(holds: boolean, seen: () => string): void {
    if (!holds) this.violations.push(seen());
  }
}

/** A test that injects a fault and checks a promise. */
export function fault(
  { fault, promise, ignore = false }: Fault,
  inject: (tally: Tally, t: Deno.TestContext) => Promise<void>,
): void {
  Deno.test(`${fault}: ${promise}`, { ignore }, async (t) => {
    const tally = new Tally();
    const { violations } = tally;
    try {
      await inject(tally, t);
    } catch (error) {
      violations.push(`${error}`);
      throw error;
    } finally {
      const row = {
        fault,
        promise,
        injected: tally.injected,
        violations: violations.length,
      };
      await writeRow(row);
    }
    assert(tally.injected > 0, "Nothing was injected");
    // All of them would fill the screen with the same.
    assertEquals(violations.slice(0, 10), []);
  });
}

/** Hands a row to whoever started the tests, if they want it. */
async function writeRow(row: Row): Promise<void> {
  const path = Deno.env.get("FAULTS_ROWS");
  if (path === undefined) return;
  await Deno.writeTextFile(path, `${JSON.stringify(row)}\n`, { append: true });
}

/** Rows as a table in Markdown, laid out as `deno fmt` would. */
export function tableOf(rows: readonly Row[]): string {
  const cells = [
    ["fault", "promise", "injected", "violations"],
    ...rows.map((row) => [
      row.fault,
      row.promise,
      row.injected.toLocaleString("en"),
      String(row.violations),
    ]),
  ];
  return layOut(cells, 2);
}

/** Lays out rows, of which the first is the head; columns from `right` on are numbers. */
export function layOut(rows: string[][], right: number): string {
  const widths = rows[0].map((_, column) =>
    Math.max(3, ...rows.map((row) => row[column].length))
  );
  const line = (cells: string[]) => `| ${cells.join(" | ")} |\n`;
  const pad = (cell: string, at: number) =>
    at < right ? cell.padEnd(widths[at]) : cell.padStart(widths[at]);
  const rule = widths.map((width, at) =>
    at < right ? "-".repeat(width) : `${"-".repeat(width - 1)}:`
  );
  const [head, ...body] = rows.map((row) => line(row.map(pad)));
  return head + line(rule) + body.join("");
}
