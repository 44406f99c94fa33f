/**
 * A list of what is in a directory goes in, one of its forms comes out: for a
 * program, a shell, or a browser that has no better page.
 *
 * @module
 */

import { escape } from "@std/html/entities";
import type { Listed, Listing } from "./listing.ts";

/** How entries become text, one by one. */
export interface Form {
  /** The media type. */
  type: string;
  start: string;
  /** What an entry becomes. */
  row(listed: Listed): string;
  /** What stands between two. */
  separator: string;
  end: string;
}

/** For a program: what is shown, as JSON. */
export const json: Form = {
  type: "application/json",
  start: "[",
  row: (listed) => JSON.stringify(listed),
  separator: ",",
  end: "]\n",
};

/** For a shell: a line for each name. */
export const text: Form = {
  type: "text/plain",
  start: "",
  row: (listed) => `${lineOf(listed)}\n`,
  separator: "",
  end: "",
};

/** For a browser: a table that needs neither a style nor a script. */
export function defaultPage(listing: Listing): Response {
  const response = respond("text/html", htmlOf(listing));
  const policy = "default-src 'none'; sandbox";
  response.headers.set("content-security-policy", policy);
  return response;
}

/** A response with a list, or with a page of it. */
export function respond(type: string, content: BodyInit): Response {
  return new Response(content, {
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

/**
 * What a terminal does not show, or obeys: control and format characters, such as
 * those that turn the direction of text, and all others without a width.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * A name is a line, and looks like no other, whatever is in it: `%` is written
 * `%25`, a newline `%0A`, a right-to-left override `%E2%80%AE`.
 */
function lineOf(listed: Listed): string {
  const name = nameOf(listed);
  if (plain.test(name)) return name;
  return name.replaceAll("%", "%25").replace(unseen, encodeURIComponent);
}

/** Most names: ASCII that is seen, without `%`. */
const plain = /^[ -$&-~]*$/;

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
