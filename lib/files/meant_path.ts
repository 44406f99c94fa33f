/**
 * Redirects from the paths that people and programs write to the ones that
 * resources have: a directory has a `/` at its end, a file has none, and no name
 * is empty. It only leads to what is there.
 *
 * @module
 */

import type { FoundDirectory } from "./found_directory.ts";
import {
  closeSource,
  type Selected,
  type Selection,
} from "./representation.ts";

/** Redirects to the same path with a `/` at its end. */
export function redirectToDirectory(request: Request): Response {
  return redirect(request, `${new URL(request.url).pathname}/`);
}

/**
 * Redirects from a path that names nothing to the one that was meant; undefined
 * if nothing is there either.
 *
 * @param path The path below the served directory, percent-encoded.
 */
export function redirectToMeant(
  request: Request,
  path: string,
  selection: Selection,
): Response | undefined {
  if (!path.endsWith("/") && !path.includes("//") && !path.startsWith("/")) {
    return undefined;
  }
  const { pathname } = new URL(request.url);
  const above = pathname.slice(0, pathname.length - path.length);
  const meant = withoutEmptyNames(path);
  for (const candidate of [meant, meant.replace(/\/$/, "")]) {
    const found = candidate === path
      ? undefined
      : selection.find(candidate, request.headers);
    if (found) return redirect(request, above + namedAs(found, candidate));
  }
  return undefined;
}

function namedAs(found: Selected | FoundDirectory, path: string): string {
  if (!("directory" in found)) {
    closeSource(found.file.source);
    return path;
  }
  return path === "" || path.endsWith("/") ? path : `${path}/`;
}

/** The same path without `/` at its start, and with one where it has several. */
export function withoutEmptyNames(path: string): string {
  return path.replace(/\/{2,}/g, "/").replace(/^\//, "");
}

/** The method stays the same, and so does the query. */
function redirect({ url }: Request, path: string): Response {
  // A path that begins with `//` would lead to another host.
  const location = `/${withoutEmptyNames(path)}${new URL(url).search}`;
  return new Response(null, { status: 308, headers: { location } });
}
