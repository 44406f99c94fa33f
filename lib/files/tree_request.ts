/**
 * Which requests are about all that is below a directory: a search, a
 * count, or an archive, and of which names. It does not know what is on the disk.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { isForm, readForm } from "../form.ts";
import { contentOf } from "./received_content.ts";

/** The most octets of a form: 10,000 names and more. */
const MOST_FORM = 1024 * 1024;

/** Whether a request wants an archive, and changes nothing. */
export function wantsZip(
  { method, url }: Pick<Request, "method" | "url">,
): boolean {
  return (method === "GET" || method === "HEAD" || method === "POST") &&
    url.includes("zip") && new URL(url).searchParams.has("zip");
}

/** Whether a request is a search, by GET or HEAD. */
export function wantsSearch(
  { method, url }: Pick<Request, "method" | "url">,
): boolean {
  return (method === "GET" || method === "HEAD") && url.includes("search") &&
    new URL(url).searchParams.has("search");
}

/** Whether a request asks how much is below a directory, by GET or HEAD. */
export function wantsCount(
  { method, url }: Pick<Request, "method" | "url">,
): boolean {
  return (method === "GET" || method === "HEAD") && url.includes("count") &&
    new URL(url).searchParams.has("count");
}

/**
 * The names in a directory that a form asks for, in its fields `name`;
 * undefined for all of them, by a GET without any. Rejects with an
 * {@linkcode HttpError}: 415 for content that is no form, 413 for a form that is
 * too long, 400 for one without names.
 */
export async function chosenNames(
  request: Request,
): Promise<Set<string> | undefined> {
  if (request.method !== "POST") {
    const names = new URL(request.url).searchParams.getAll("name");
    return names.length > 0 ? new Set(names) : undefined;
  }
  if (!isForm(request.headers)) {
    throw new HttpError(
      415,
      "The names must be a form (application/x-www-form-urlencoded)",
    );
  }
  const form = await readForm(contentOf(request), MOST_FORM);
  if (!form) throw new HttpError(413, "The form is too long");
  const names = new Set(form.getAll("name"));
  if (names.size > 0) return names;
  throw new HttpError(400, "The form must have a field for each name");
}
