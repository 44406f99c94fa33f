/**
 * A list of what is in a directory goes in, one of its forms comes out: for a
 * program, a shell, or a browser that has no better page.
 *
 * @module
 */

import { escape } from "@std/html/entities";
import type { Listed, Listing } from "./listing.ts";

/** For a program: what is shown, as JSON. */
export function jsonOf({ entries }: Listing): Response {
  return respond("application/json", JSON.stringify(entries) + "\n");
}

/** For a shell: a line for each name. */
export function textOf({ entries }: Listing): Response {
  const lines = entries.map((listed) => `${lineOf(listed)}\n`);
  return respond("text/plain", lines.join(""));
}

/** For a browser: a table that needs neither a style nor a script. */
export function defaultPage(listing: Listing): Response {
  const response = respond("text/html", htmlOf(listing));
  const policy = "default-src 'none'; sandbox";
  response.headers.set("content-security-policy", policy);
  return response;
}

function respond(type: string, text: string): Response {
  return new Response(text, {
    headers: {
      "cache-control": "no-cache",
      "content-type": `${type}; charset=utf-8`,
      "x-content-type-options": "nosniff",
    },
  });
}

function nameOf({ name, type }: Listed): string {
  return type === "directory" ? `${name}/` : name;
}

/** A name is a line, whatever is in it: `%` is written `%25`, a newline `%0A`. */
function lineOf(listed: Listed): string {
  return nameOf(listed).replace(/[%\p{Cc}]/gu, encodeURIComponent);
}

function htmlOf({ entries, path, offset, limit, total }: Listing): string {
  const title = escape(`Files in ${path}`);
  const rows = entries.map((listed) => {
    const { name, size, modified } = listed;
    const href = encodeURIComponent(name) +
      (listed.type === "directory" ? "/" : "");
    // `./`: a name with a colon would be a scheme.
    return `<tr><td><a href="./${href}">${escape(nameOf(listed))}</a></td>` +
      `<td>${size ?? ""}</td><td>${modified ?? ""}</td></tr>\n`;
  });
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<h1>${title}</h1>
<table>
<tr><th>Name</th><th>Octets</th><th>Modified</th></tr>
<tr><td><a href="../">../</a></td><td></td><td></td></tr>
${rows.join("")}</table>
${
    offset + limit < total
      ? "<p>There are more: <code>?offset=</code> shows them.</p>\n"
      : ""
  }`;
}
