/**
 * What one request costs at most, whatever is in its fields: each field that is
 * read, with each hostile value, as long as the limits allow; and whether ten
 * times as much of it costs more than ten times as much, limits lifted.
 *
 *     deno task bench:fields [FIELD]
 *
 * Exits with 1 if a request costs more than 60 ms of CPU, or one grows.
 *
 * @module
 */
import { defaultLimits } from "../../lib/limits.ts";
import { dissect } from "../../lib/xray/dissection.ts";
import { startApplication } from "./application.ts";
import { labelOf, octetsOf, type ReadField, readFields } from "./fields.ts";
import { type HostileValue, hostileValues } from "./values.ts";
import { growth, leastCost, MOST_GROWTH, type Work } from "./work.ts";

/** Microseconds of CPU that a request may cost. */
const MOST_COST = 60_000;
/** Microseconds for which it does not matter whether they have grown. */
const FLOOR = 10_000;
/** Octets of a value whose growth is measured; ten times as many as well. */
const BASE = 4000;

const lifted = {
  requestLine: Infinity,
  fieldSection: Infinity,
  chunkLine: Infinity,
};

/** The worst of several. */
class Worst {
  figure = 0;
  name = "";

  add(figure: number, name: string): void {
    if (figure <= this.figure) return;
    this.figure = figure;
    this.name = name;
  }
}

/** A request with a value of so many octets, or of fewer if it is too long. */
function requestOf(
  field: ReadField,
  value: HostileValue,
  octets: number,
): Uint8Array[] {
  const pieces = octetsOf(field, value.make(octets));
  const excess = field.name.startsWith("(")
    ? Math.max(0, pieces[0].indexOf(13) - octets)
    : 0;
  if (excess === 0) return pieces;
  // What is percent-encoded is up to three times as long.
  const share = octets / (octets + excess);
  return octetsOf(field, value.make(Math.floor(octets * share)));
}

/** The most octets of a field's value; the rest of the section has the others. */
function mostOctets({ most }: ReadField): number {
  return most ?? defaultLimits.fieldSection - 400;
}

/** What X-ray reads of a request beside its lines. */
const dissected = ["content-length", "host", "transfer-encoding", "x-any"];

function inXray(pieces: Uint8Array[]): Work {
  const octets = new Uint8Array(pieces.flatMap((piece) => [...piece]));
  return () => dissect(octets, "request");
}

/** Makes work of a request. */
type Way = (pieces: Uint8Array[]) => Work;

/** How a request is dealt with: within the limits, and with these lifted. */
interface Ways {
  limited: Way;
  lifted: Way;
}

/** Measures a field with each of the values. */
async function measureField(field: ReadField, ways: Ways) {
  const costs = new Worst();
  const growths = new Worst();
  const most = mostOctets(field);
  const base = Math.min(BASE, (field.fixed ?? Infinity) / 10);
  await warmUp(ways.limited(octetsOf(field, field.harmless)));
  for (const value of hostileValues(field.harmless)) {
    const work = ways.limited(requestOf(field, value, most));
    const cost = await leastCost(work, MOST_COST);
    costs.add(cost / 1000, value.name);
    await limited.tidy();
    // What takes too much already would take for ever with more; and of what
    // takes little, ten times the base would be below the floor all the same.
    const tenfold = cost * Math.max(1, 10 * base / most) ** 2;
    if (cost > MOST_COST || tenfold < FLOOR) continue;
    const works = [base, 10 * base].map((octets) =>
      ways.lifted(octetsOf(field, value.make(octets)))
    );
    growths.add(await growth(works[0], works[1], FLOOR), value.name);
    await unlimited.tidy();
  }
  return { costs, growths };
}

/** The first requests are slow, whatever is in them. */
async function warmUp(work: Work): Promise<void> {
  for (let round = 0; round < 5; round++) await work();
}

let failures = 0;

function told({ figure, name }: Worst, unit: string, most: number): string {
  const isTooMuch = figure > most;
  if (isTooMuch) failures++;
  return figure <= 1 && unit === "×"
    ? ""
    : `${figure.toFixed(1).padStart(7)} ${unit} ${name.slice(-28).padEnd(28)}` +
      (isTooMuch ? " TOO MUCH" : "");
}

async function print(label: string, field: ReadField, ways: Ways) {
  const { costs, growths } = await measureField(field, ways);
  console.log(
    (label.padEnd(52) + told(costs, "ms", MOST_COST / 1000) +
      told(growths, "×", MOST_GROWTH)).trimEnd(),
  );
}

const only = Deno.args[0] ?? "";
await using limited = await startApplication();
await using unlimited = await startApplication(lifted);
for (const field of readFields) {
  const label = labelOf(field);
  if (!label.includes(only)) continue;
  await print(label, field, {
    limited: (pieces) => () => limited.ask(pieces),
    lifted: (pieces) => () => unlimited.ask(pieces),
  });
  if (!dissected.includes(field.name)) continue;
  await print(`${label} in X-ray`, field, { limited: inXray, lifted: inXray });
}
if (failures > 0) {
  console.log(`${failures} cost too much`);
  Deno.exitCode = 1;
}
