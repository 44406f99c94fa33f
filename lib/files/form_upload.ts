/**
 * A form goes in, and each of its files into a directory: what a browser sends
 * for a plain `<form enctype="multipart/form-data">`.
 *
 * @module
 */

import { accepts } from "@std/http/negotiation";
import { HttpError } from "../errors.ts";
import type { Directory, ReplaceOptions } from "./directory.ts";
import { type FormPart, formParts } from "./form_data.ts";
import { store } from "./received_content.ts";

/** Stores the files of a form below a path, which is empty or ends with `/`. */
export async function uploadForm(
  directory: Directory,
  path: string,
  request: Request,
  boundary: string,
): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const options = searchParams.get("existing") === "keep" ? keeping : {};
  const stored: string[] = [];
  if (request.body) {
    for await (const part of formParts(request.body, boundary)) {
      if (part.fileName === undefined) continue;
      if (part.fileName === "") {
        await refuseNameless(part.content);
        continue;
      }
      const name = encodeURIComponent(part.fileName);
      const write = (file: Deno.FsFile) => store(part.content, file);
      await directory.replaceFile(path + name, write, options);
      stored.push(name);
    }
  }
  if (stored.length === 0) throw new HttpError(400, "The form has no file");
  if (accepts(request, "text/plain", "text/html") === "text/html") {
    return new Response(null, { status: 303, headers: { location: "./" } });
  }
  return new Response(stored.map((name) => `${pathname}${name}\n`).join(""), {
    status: 201,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      ...(stored.length === 1 && { location: pathname + stored[0] }),
    },
  });
}

const keeping: ReplaceOptions = {
  check(current) {
    if (!current) return;
    throw new HttpError(412, "There is a file of that name already");
  },
  mustBeNew: true,
};

/** A browser sends a file input that was left empty as an empty file. */
async function refuseNameless(content: FormPart["content"]): Promise<void> {
  for await (const _ of content) {
    throw new HttpError(400, "A file in the form has no name");
  }
}
