/**
 * Objects that stand in for those of the web platform, and become real ones
 * only on demand: a real Request costs more than everything else that a small
 * request needs.
 *
 * A stand-in has the real prototype in its chain, and so all methods. Deno's
 * methods find their data by symbols, which are own properties of each object;
 * for a stand-in, getters take the data from a real object, made on demand.
 *
 * This is an implementation detail of Deno. So each kind of stand-in is tested
 * before the first is used, and not used if the test fails.
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
 * @param lazy The class of the stand-ins.
 * @param real The class that they stand in for.
 * @param sample One of the real ones.
 * @param realOf Makes the real one that a stand-in stands for, once.
 */
export function letStandIn(
  lazy: Class,
  real: Class,
  { sample, realOf }: {
    sample: object;
    // deno-lint-ignore no-explicit-any -- whatever is asked for by a symbol
    realOf: (standIn: any) => any;
  },
): void {
  // What is listed of a real one is listed of a stand-in.
  for (const name of Object.getOwnPropertyNames(lazy.prototype)) {
    const listed = Object.getOwnPropertyDescriptor(real.prototype, name);
    const { enumerable = false } = listed ?? {};
    Object.defineProperty(lazy.prototype, name, { enumerable });
  }
  Object.defineProperty(lazy.prototype, "constructor", { value: real });
  Object.setPrototypeOf(lazy.prototype, real.prototype);
  for (const symbol of Object.getOwnPropertySymbols(sample)) {
    Object.defineProperty(lazy.prototype, symbol, {
      get() {
        return realOf(this)[symbol];
      },
      set(value) {
        realOf(this)[symbol] = value;
      },
    });
  }
}

/** Whether something behaves on this Deno, found out when it is first asked. */
export class Proof {
  #trial: () => boolean;
  #holds: boolean | undefined;

  /** @param trial Tries it; what it throws is a no. */
  constructor(trial: () => boolean) {
    this.#trial = trial;
  }

  /** Whether the trial has gone through. */
  get holds(): boolean {
    return this.#holds ??= passes(this.#trial);
  }
}

function passes(trial: () => boolean): boolean {
  try {
    return trial();
  } catch {
    return false;
  }
}
