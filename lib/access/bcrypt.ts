/**
 * Verifies hashes of bcrypt, as `htpasswd -B` writes them, in a thread of their
 * own: in this one they would keep all clients waiting. It starts when it is
 * first needed, and ends when it has had nothing to do for a while.
 *
 * The code of the thread is in this file, as reading another would need a
 * permission.
 *
 * @module
 */

/** The costs that are accepted: bcrypt has none below 4, and 14 takes seconds. */
const LEAST_COST = 4;
const MOST_COST = 14;

/** Milliseconds without work after which the thread ends. */
const IDLE = 60_000;

/** As deno.json has it, which the code of the thread cannot import. */
export const BCRYPT = "npm:bcryptjs@^3";

const pattern = /^\$2[aby]\$(?<cost>\d\d)\$[./A-Za-z\d]{53}$/;

/** Whether a text is a hash of bcrypt that can be verified. */
export function isBcrypt(text: string): boolean {
  const cost = Number(pattern.exec(text)?.groups?.cost);
  return cost >= LEAST_COST && cost <= MOST_COST;
}

const code = `import { compareSync } from "${BCRYPT}";
self.onmessage = ({ data: { id, password, hash } }) => {
  self.postMessage({ id, isRight: compareSync(password, hash) });
};`;

/** A thread that verifies hashes, one after the other. */
export class BcryptThread {
  readonly #waiting = new Map<number, PromiseWithResolvers<boolean>>();
  #count = 0;
  #worker: Worker | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Whether a password belongs to a hash. Only the first 72 octets of a password
   * count for bcrypt.
   */
  async verify(password: string, hash: string): Promise<boolean> {
    clearTimeout(this.#timer);
    this.#worker ??= this.#start();
    const id = this.#count++;
    const answer = Promise.withResolvers<boolean>();
    this.#waiting.set(id, answer);
    this.#worker.postMessage({ id, password, hash });
    try {
      return await answer.promise;
    } catch {
      // A compiled program has no package for a thread: then in this one, in
      // turns with all other work.
      const { compare } = await import("bcryptjs");
      return await compare(password, hash);
    } finally {
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.#endLater();
    }
  }

  #start(): Worker {
    const url = `data:text/javascript,${encodeURIComponent(code)}`;
    const worker = new Worker(url, { type: "module", name: "bcrypt" });
    worker.onmessage = ({ data: { id, isRight } }) => {
      this.#waiting.get(id)?.resolve(isRight);
    };
    worker.onerror = (event) => {
      // Otherwise it would end the process.
      event.preventDefault();
      this.#end();
      for (const { reject } of this.#waiting.values()) reject(event.error);
    };
    return worker;
  }

  #endLater(): void {
    const timer = setTimeout(() => this.#end(), IDLE);
    Deno.unrefTimer(timer);
    this.#timer = timer;
  }

  /** Ends the thread; the next password starts another. */
  #end(): void {
    clearTimeout(this.#timer);
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}
