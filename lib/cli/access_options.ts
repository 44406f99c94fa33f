/**
 * Which options that say who may do what cannot be combined with others. It
 * reads no file.
 *
 * @module
 */

import { UsageError } from "./messages.ts";

/** The options that matter to each other. */
interface AccessOptions {
  auth?: string;
  "key-file"?: string;
  password: boolean;
  "public-read": boolean;
  workers: number | "auto";
  xray: boolean;
  learn: boolean;
  site: boolean;
  spa: boolean;
}

/** Throws a UsageError for a combination that would protect less than it says. */
export function refuseOpenAccess(options: AccessOptions): void {
  const { auth, password } = options;
  if (auth === undefined && !password) {
    if (options["key-file"] !== undefined) {
      throw new UsageError(
        "Cannot use --key-file: without users nothing is signed, " +
          "add --auth FILE or --password",
      );
    }
    if (!options["public-read"]) return;
    throw new UsageError(
      "Cannot use --public-read: without users anyone may read, " +
        "add --auth FILE or --password",
    );
  }
  const name = password ? "--password" : "--auth";
  const reasons = [
    auth !== undefined && password && "users have their own, omit --auth",
    options.xray &&
    `X-ray would show passwords, omit ${options.learn ? "--learn" : "--xray"}`,
    (options.site || options.spa) &&
    "a site has no users yet, omit --site and --spa",
    options.workers !== 1 &&
    "each worker would count wrong passwords by itself, omit --workers",
  ];
  const why = reasons.find((reason) => reason !== false);
  if (why) throw new UsageError(`Cannot use ${name}: ${why}`);
}
