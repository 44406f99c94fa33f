/**
 * Makes the page that shows an error in a browser.
 *
 * @module
 */

import { STATUS_TEXT, type StatusCode } from "@std/http/status";
import type { HttpError } from "../errors.ts";
import { type Navigation, respondWithPage } from "./document.ts";
import { markup } from "./markup.ts";

/** Makes the page for an error, with the fields of its response. */
export function errorPage(
  { status, message }: HttpError,
  headers: Headers,
  navigation: Navigation,
): Response {
  const title = `${status} ${STATUS_TEXT[status as StatusCode] ?? "Error"}`;
  const content = markup`<h1>${title}</h1>
<p>${message}.</p>
<p>Go to <a href="/">the first page</a>, or read <a href="/about">what this server does</a>.</p>
`;
  return respondWithPage(
    { title: `${title} – Sluice`, content, status, headers },
    navigation,
  );
}
