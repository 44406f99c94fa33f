/**
 * Where a MOVE leads: reads the fields Destination and Overwrite (RFC 4918
 * §10.3, §10.6). It does not know what is on the disk.
 *
 * @module
 */

import { HttpError } from "../errors.ts";

/** Where something is to be moved. */
export interface Destination {
  /** The path below the one that the route's `*` matches, percent-encoded. */
  path: string;
  /** The path of its URL. */
  location: string;
}

/**
 * Reads the field Destination (RFC 4918 §10.3):
 *
 *     Destination = "Destination" ":" Simple-ref
 *     Simple-ref  = absolute-URI | ( path-absolute [ "?" query ] )
 *
 * The scheme may differ, because a proxy in front may speak TLS.
 *
 * @param from The path that the route's `*` has matched.
 * @returns Where it leads. Throws an {@linkcode HttpError}: 400 without a valid
 * field, 502 if it names another server, 403 if it names something else than
 * the route's paths.
 */
export function destinationOf(
  { headers, url }: Pick<Request, "headers" | "url">,
  from: string,
): Destination {
  const field = headers.get("destination");
  const target = field === null || !isReference.test(field)
    ? null
    : URL.parse(field, url);
  if (target === null || target.search !== "" || target.hash !== "") {
    throw new HttpError(
      400,
      "Destination must be a URL, or a path that begins with /",
    );
  }
  const { host, pathname } = new URL(url);
  if (target.host !== host || target.username || target.password) {
    // RFC 4918 §9.9.4
    throw new HttpError(502, "Nothing can be moved to another server");
  }
  const base = pathname.slice(0, pathname.length - from.length);
  if (!target.pathname.startsWith(base)) {
    throw new HttpError(403, "Nothing can be moved to this path");
  }
  return {
    path: target.pathname.slice(base.length),
    location: target.pathname,
  };
}

const isReference = /^(?:https?:\/\/|\/)[!-~]*$/i;

/**
 * Whether something at the destination is replaced (RFC 4918 §10.6). Throws an
 * {@linkcode HttpError} with 400 for anything but `T` and `F`.
 */
export function mayOverwrite({ headers }: Pick<Request, "headers">): boolean {
  const field = headers.get("overwrite")?.toUpperCase() ?? "T";
  if (field !== "T" && field !== "F") {
    throw new HttpError(400, "Overwrite must be T or F");
  }
  return field === "T";
}
