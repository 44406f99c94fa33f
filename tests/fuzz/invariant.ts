/**
 * Any octets give a request, a ProtocolError or a ConnectionLost; nothing else
 * is thrown, nothing hangs; the outcome does not depend on where the stream was
 * cut; and there are at most as many answers as there could be requests.
 *
 * @module
 */

/** Reads all that arrives, to its FIN; gives one line for each message. */
export type Read = (arrivals: string[]) => Promise<string[]>;

/**
 * All that is read here is already there, so only promises are waited for, and
 * now and then a turn that a connection leaves to others: few would do.
 */
const TURNS = 1000;

/** What is wrong with the outcome for these octets; undefined if nothing is. */
export async function findFault(
  octets: string,
  read: Read,
  cuts: Iterable<string[]>,
): Promise<string | undefined> {
  try {
    const whole = await inTime(read(octets === "" ? [] : [octets]));
    if (whole.length > possibleRequests(octets)) {
      return `More answers than requests: ${whole.join("\n")}`;
    }
    for (const arrivals of cuts) {
      const told = await inTime(read(arrivals));
      if (!isSameOutcome(whole, told, octets)) {
        const places = arrivals.map(({ length }) => length).join("+");
        return `Cut ${places}: ${told.join("\n")}\nWhole: ${whole.join("\n")}`;
      }
    }
  } catch (error) {
    return describeError(error);
  }
  return undefined;
}

/** Where it was thrown, but not on which machine. */
function describeError(error: unknown): string {
  const stack = error instanceof Error ? error.stack : undefined;
  const root = new URL("../../", import.meta.url).href;
  return (stack ?? String(error)).replaceAll(root, "");
}

async function inTime(reading: Promise<string[]>): Promise<string[]> {
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  reading.then(end, end);
  for (let turn = 0; !isOver && turn < TURNS; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (!isOver) throw new Error("It hangs");
  return await reading;
}

/** Each but the last ends a head with an empty line. */
function possibleRequests(octets: string): number {
  return (octets.match(/(?=\r\n\r\n)/g)?.length ?? 0) + 1;
}

function isSameOutcome(
  whole: string[],
  told: string[],
  octets: string,
): boolean {
  // RFC 9110 §10.1.1: who asks to be invited, and is not, can't be followed
  // further, unless the content is already there.
  if (/100-continue/i.test(octets)) {
    const count = Math.min(whole.length, told.length);
    const beginning = (lines: string[]) =>
      lines.slice(0, count).join("\n").replaceAll(',"close",', ",null,");
    return beginning(whole) === beginning(told);
  }
  return whole.join("\n") === told.join("\n");
}
