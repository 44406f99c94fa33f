/**
 * Checks a property with the same seed each time.
 *
 * @module
 */
import fc from "fast-check";

/** Fails with the smallest counterexample that it finds, if there is one. */
export async function holds<T>(
  arbitrary: fc.Arbitrary<T>,
  property: (value: T) => Promise<void> | void,
  numRuns = 300,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(arbitrary, async (value) => await property(value)),
    { seed: 20_260_101, numRuns },
  );
}
