/**
 * Makes a page that tells a browser's user of an error.
 *
 * @module
 */

import { STATUS_TEXT, type StatusCode } from "@std/http/status";
import type { HttpError } from "../errors.ts";
import { type NavigationLink, respondWithPage } from "./document.ts";
import { markup } from "./markup.ts";

/** Makes the page for an error, with the fields that its response has. */
export function errorPage(
  { status, message }: HttpError,
  headers: Headers,
  navigation: readonly NavigationLink[],
): Response {
  const title = `${status} ${STATUS_TEXT[status as StatusCode] ?? "Error"}`;
  const content = markup`<h1>${title}</h1>
<p>${message}.</p>
<p><a href="/files/">See the files</a> or go to <a href="/">the first page</a>.</p>
`;
  return respondWithPage(
    { title: `${title} – Sluice`, content, status, headers },
    navigation,
  );
}
