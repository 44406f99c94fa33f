/** How often something is called, to tell work without a clock. */

/** The calls of a method, until it is disposed of. */
export interface CountedCalls extends Disposable {
  count: number;
  /** What it was called on, each once. */
  targets: Set<unknown>;
}

/**
 * Counts the calls of a method, and has each done as ever.
 *
 * @param before Called before each; what it throws the caller gets.
 */
export function countCalls<Name extends string>(
  owner: Record<Name, unknown>,
  name: Name,
  before: (...args: unknown[]) => unknown = () => {},
): CountedCalls {
  // deno-lint-ignore ban-types -- any method at all
  const real = owner[name] as Function;
  const counted: CountedCalls = {
    count: 0,
    targets: new Set(),
    [Symbol.dispose]: () => {
      owner[name] = real;
    },
  };
  owner[name] = function (this: unknown, ...args: unknown[]) {
    counted.count++;
    counted.targets.add(this);
    before.apply(this, args);
    return real.apply(this, args);
  };
  return counted;
}
