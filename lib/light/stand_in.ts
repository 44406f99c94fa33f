/**
 * Objects that stand in for those of the web platform, and are made whole only
 * when somebody asks for more than they know: a real Request costs more than
 * all else that is done for a small one.
 *
 * A stand-in has the real prototype in its chain, so all methods are there. On
 * Deno these find what they work on by symbols, own properties of each object;
 * where a stand-in has none, getters take it from a real one, made on demand.
 *
 * That is how Deno is made and no promise of it. So each kind of stand-in is
 * tried when it is loaded, and not used where it does not behave.
 *
 * @module
 */

/** A class, as far as it matters here. */
interface Class {
  prototype: object;
}

/**
 * Makes the objects of one class stand in for those of another.
 *
 * @param light The class of the stand-ins.
 * @param real The class that they stand in for.
 * @param sample One of the real ones.
 * @param realOf Makes the real one that a stand-in stands for, once.
 */
export function letStandIn(
  light: Class,
  real: Class,
  { sample, realOf }: {
    sample: object;
    // deno-lint-ignore no-explicit-any -- whatever is asked for by a symbol
    realOf: (standIn: any) => any;
  },
): void {
  Object.setPrototypeOf(light.prototype, real.prototype);
  for (const symbol of Object.getOwnPropertySymbols(sample)) {
    Object.defineProperty(light.prototype, symbol, {
      get() {
        return realOf(this)[symbol];
      },
      set(value) {
        realOf(this)[symbol] = value;
      },
    });
  }
}

/** Whether a trial goes through, and says so. */
export function isProven(trial: () => boolean): boolean {
  try {
    return trial();
  } catch {
    return false;
  }
}
