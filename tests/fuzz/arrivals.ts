/**
 * How octets arrive: in pieces, cut anywhere.
 *
 * @module
 */
import { encodeLatin1 } from "../../lib/wire/grammar.ts";
import type { Random } from "./random.ts";

/** Cuts octets at places that tend to matter. */
export function cut(octets: string, random: Random): string[] {
  if (random.isOneIn(8)) return [...octets];
  if (random.isOneIn(3)) return octets.split(/(?<=\r)(?=\n)/);
  const places = Array.from(
    { length: random.pick([1, 1, 2, 5]) },
    () => random.below(octets.length + 1),
  ).sort((a, b) => a - b);
  return [0, ...places].map((place, index) =>
    octets.slice(place, places[index])
  ).filter((piece) => piece !== "");
}

/** A stream of arrivals, in one buffer that is used again for each, and a FIN. */
export function streamOf(arrivals: string[]): ReadableStream<Uint8Array> {
  const buffer = new Uint8Array(
    Math.max(0, ...arrivals.map(({ length }) => length)),
  );
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      if (next === arrivals.length) return controller.close();
      const arrival = arrivals[next++];
      buffer.fill(0xff);
      buffer.set(encodeLatin1(arrival));
      controller.enqueue(buffer.subarray(0, arrival.length));
    },
  }, { highWaterMark: 0 });
}
