/**
 * The options that say who may do what: their values, and which others they
 * cannot be combined with. It reads no file.
 *
 * @module
 */

import { UsageError } from "./messages.ts";

/** The path of a file; undefined for `off`. */
export function parseAuth(text: string): string | undefined {
  return text === "off" ? undefined : text;
}

/** The options that matter to each other. */
interface AccessOptions {
  auth?: string;
  "public-read": boolean;
  workers: number | "auto";
  xray: boolean;
  site: boolean;
  spa: boolean;
}

/** Throws a UsageError for a combination that would protect less than it says. */
export function refuseOpenAccess(options: AccessOptions): void {
  if (options.auth === undefined) {
    if (!options["public-read"]) return;
    throw new UsageError(
      "Cannot use --public-read: without users anyone may read, add --auth FILE",
    );
  }
  // X-ray shows the passwords of all users to each of them.
  const reasons = {
    xray: options.xray && "X-ray would show passwords, omit --xray",
    site: (options.site || options.spa) &&
      "a site has no users yet, omit --site and --spa",
    workers: options.workers !== 1 &&
      "each worker would count wrong passwords by itself, omit --workers",
  };
  const why = Object.values(reasons).find((reason) => reason !== false);
  if (why) throw new UsageError(`Cannot use --auth: ${why}`);
}
