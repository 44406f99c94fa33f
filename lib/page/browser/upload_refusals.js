// The reasons why a server refuses an upload, and another name for a file whose
// own is in use.

import { problemOf } from "./dialogs.js";

/** The server refused the upload. */
export class Refusal extends Error {
  /**
   * @param {string} message
   * @param {number} status
   */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** What a status means for an upload. @type {Record<number, string>} */
const meanings = {
  403: "This server does not allow it",
  405: "This server is read-only",
  413: "The file is larger than this server accepts",
  507: "The server's disk is full",
};

/**
 * @param {number} status
 * @param {string} text
 */
export function refusalOf(status, text) {
  const problem = problemOf(text, status);
  const meaning = meanings[status];
  return new Refusal(meaning ? `${meaning}: ${problem}` : problem, status);
}

/**
 * `a.txt` becomes `a (2).txt`, and that `a (3).txt`.
 *
 * @param {string} target
 */
export function anotherName(target) {
  const at = target.lastIndexOf("/") + 1;
  const name = decodeURIComponent(target.slice(at));
  const [, base, number, extension] =
    /^(.*?)(?: \((\d+)\))?(\.[^.]*)?$/s.exec(name) ?? [];
  const next = `${base} (${Number(number ?? 1) + 1})${extension ?? ""}`;
  return target.slice(0, at) + encodeURIComponent(next);
}
