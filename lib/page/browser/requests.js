// Requests that change something. What the server refuses is a sentence for the
// user.

import { problemOf, wantsProblem } from "./dialogs.js";
import { words } from "./words.js";

/** What the server has refused, as a sentence. */
export class Refusal extends Error {
  /**
   * @param {string} message
   * @param {number} [status] none if the server cannot be reached
   */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/**
 * Sends a request.
 *
 * @param {string} method
 * @param {string} href
 * @param {RequestInit} [init]
 * @returns {Promise<Response>} rejects with a {@linkcode Refusal}
 */
export async function request(method, href, { headers, ...init } = {}) {
  const response = await fetch(href, {
    ...init,
    method,
    headers: { ...wantsProblem, ...headers },
  }).catch(() => {
    throw new Refusal(words.common.cannotReach);
  });
  if (response.ok) return response;
  throw new Refusal(
    problemOf(await response.text(), response.status),
    response.status,
  );
}

/**
 * Refuses a name that would be a path. A URL with one leads elsewhere.
 *
 * @param {string} name
 */
export function refusePath(name) {
  if (name.includes("/")) throw new Refusal(words.common.noSlash);
  if (name === "." || name === "..") throw new Refusal(words.common.noDots);
}

/** How many requests of one kind run at once. */
const AT_ONCE = 4;

/**
 * Does something with each, a few at once; one that is refused keeps none of the
 * others from it.
 *
 * @template T
 * @template R
 * @param {readonly T[]} entries
 * @param {(entry: T) => Promise<R>} act rejects with a {@linkcode Refusal}
 * @returns {Promise<{ done: R[], refused: { entry: T, error: Refusal }[] }>}
 */
export async function inTurn(entries, act) {
  /** @type {R[]} */
  const done = [];
  /** @type {{ entry: T, error: Refusal }[]} */
  const refused = [];
  const rest = entries.values();
  const work = async () => {
    for (const entry of rest) {
      try {
        done.push(await act(entry));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        refused.push({ entry, error });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { done, refused };
}
