/**
 * The first page for programs that follow links: one link, to the files. A list
 * of them at another path than theirs would have links that such programs take
 * for those of another folder.
 *
 * @module
 */

import { listTypeOf } from "../files/listing.ts";
import { html, respond } from "../files/listing_forms.ts";
import { wantsZip } from "../files/tree_request.ts";
import type { RouteHandler } from "../handler.ts";

/** Answers programs that follow links; the handler answers all others. */
export function linkToFiles(handler: RouteHandler): RouteHandler {
  return (request, info, match) => {
    if (listTypeOf(request) || wantsZip(request)) {
      return handler(request, info, match);
    }
    const form = html("/", false);
    const link = form.row({ name: "files", type: "directory" });
    const response = respond(form, form.start + link + form.end);
    response.headers.append("vary", "Accept");
    return response;
  };
}
