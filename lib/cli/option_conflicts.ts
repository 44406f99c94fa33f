/**
 * Refuses options that contradict each other. It knows their values, and not
 * how they were written.
 *
 * @module
 */

import { isLoopback } from "../authority.ts";
import { UsageError } from "./messages.ts";

/** The values of options that may contradict each other. */
export interface Combination {
  host: string;
  listen?: unknown;
  workers: number | "auto";
  "trust-proxy": readonly unknown[];
  "proxy-protocol": boolean;
  delete: boolean;
  index: boolean;
  prefix: string;
  cors: readonly string[];
  "read-only": boolean;
  "upload-only": boolean;
  "no-listing": boolean;
  site: boolean;
  spa: boolean;
  xray: boolean;
  /** Includes X-ray. */
  learn: boolean;
}

/** What was written for each option, by name. */
export type Given = Record<string, readonly unknown[]>;

/** Throws a {@linkcode UsageError} if one option contradicts another. */
export function refuseConflicts(options: Combination, given: Given): void {
  refuseOpenXray(options);
  refuseNamelessProxies(options);
  if (options.listen) refuseTwoPlaces(given);
  refuseDividedXray(options);
  refuseSharedPlace(options);
  refuseContraryRights(options);
}

/** A right that another option takes away. */
function refuseContraryRights(options: Combination) {
  for (const [name, contrary] of contraryRights) {
    if (!options[name] || !options[contrary]) continue;
    throw new UsageError(
      `Cannot use --${name}: --${contrary} says otherwise, omit one of them`,
    );
  }
}

const contraryRights = [
  ["read-only", "upload-only"],
  ["read-only", "delete"],
  ["upload-only", "delete"],
  ["upload-only", "index"],
  ["upload-only", "site"],
  ["upload-only", "spa"],
  // Lessons store files.
  ["read-only", "learn"],
  ["upload-only", "learn"],
  ["no-listing", "learn"],
  // X-ray shows the names and the content of what others send and get.
  ["upload-only", "xray"],
  ["no-listing", "xray"],
] as const;

/** X-ray shows every client what all others send. */
function refuseOpenXray(options: Combination) {
  const { host, listen, prefix, cors, site, spa } = options;
  if (!options.xray) return;
  const reasons = [
    (site || spa) && "a site has no page for it, omit --site and --spa",
    !isLoopback(host) &&
    "it is only for this machine, write --host 127.0.0.1",
    cors.length > 0 && "pages of other origins could read it, omit --cors",
    prefix && "its page is not served below a prefix, omit --prefix",
    listen && "it is only for this machine, omit --listen",
  ];
  const why = reasons.find((reason) => typeof reason === "string" && reason);
  if (why) throw new UsageError(`Cannot use ${flagOf(options)}: ${why}`);
}

/** The flag that asked for X-ray. */
function flagOf({ learn }: Combination): string {
  return learn ? "--learn" : "--xray";
}

/** A host or port beside another place would be ignored. */
function refuseTwoPlaces(given: Given) {
  for (const name of ["host", "port"]) {
    if (given[name].length === 0) continue;
    throw new UsageError(
      `Cannot use --${name}: --listen names another place, omit one of them`,
    );
  }
}

/** A header that anybody may send would let clients choose their address. */
function refuseNamelessProxies(options: Combination) {
  if (!options["proxy-protocol"] || options["trust-proxy"].length > 0) return;
  throw new UsageError(
    "Cannot use --proxy-protocol: say which proxies send the header, " +
      "add --trust-proxy CIDR",
  );
}

/** Each worker would show a part of the traffic, whichever the browser reaches. */
function refuseDividedXray(options: Combination) {
  if (options.xray && options.workers !== 1) {
    throw new UsageError(
      `Cannot use ${
        flagOf(options)
      }: it shows the traffic of one process, omit --workers`,
    );
  }
}

/** Only a host and port can be shared by processes that listen by themselves. */
function refuseSharedPlace({ listen, workers }: Combination) {
  if (listen && workers !== 1) {
    throw new UsageError(
      "Cannot use --listen: workers share a host and port, omit --workers",
    );
  }
}
