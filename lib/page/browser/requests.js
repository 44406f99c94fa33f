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
