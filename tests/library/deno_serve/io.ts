/**
 * The one class of `@std/io` that Deno's tests use: the package is not on npm.
 *
 * @module
 */

/** Gathers octets. */
export class Buffer {
  #octets: number[] = [];

  /** Adds octets, and says how many. */
  write(octets: Uint8Array): Promise<number> {
    this.#octets.push(...octets);
    return Promise.resolve(octets.length);
  }

  /** All that was written. */
  bytes(): Uint8Array {
    return new Uint8Array(this.#octets);
  }
}
