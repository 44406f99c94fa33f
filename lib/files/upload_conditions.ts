/**
 * The head of an upload goes in; out comes a refusal, or when not to store it.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { evaluatePreconditions } from "../handlers/preconditions.ts";
import type { ReplaceOptions } from "./directory.ts";
import { codedTag, validatorsOf } from "./entity_tag.ts";
import { preconditionFailed } from "./file_answer.ts";
import type { DirectoryCheck } from "./subdirectories.ts";

/** What would not be the file once it is stored as it is. */
export function refuseIncomplete(headers: Headers): void {
  // RFC 9110 §14.5: a part must not be taken for the whole.
  if (headers.has("content-range")) {
    throw new HttpError(400, "A part of a file cannot be stored");
  }
  const coding = headers.get("content-encoding")?.toLowerCase() ?? "identity";
  if (coding !== "identity") {
    // RFC 9110 §15.5.16: Accept-Encoding says that it was the coding.
    throw new HttpError(415, "Content with a coding cannot be stored", {
      headers: { "accept-encoding": "identity" },
    });
  }
}

/** The preconditions of a request, as {@linkcode Directory} asks for them. */
export function conditionsOf(
  { method, headers }: Pick<Request, "method" | "headers">,
): ReplaceOptions {
  return {
    check(current) {
      const validators = current && validatorsOf(current);
      const asked = validators
        ? { method, headers: uncodedMatch(headers, validators.entityTag) }
        : { method, headers };
      if (evaluatePreconditions(asked, validators)) throw preconditionFailed();
    },
    mustBeNew: headers.get("if-none-match")?.trim() === "*",
  };
}

/** No entity tag is empty. */
const ofDirectory = { entityTag: "", lastModified: 0 };

/**
 * The preconditions of a request for a directory. It has neither an entity tag
 * nor a date that changes with its content, so only `*` can match, and
 * If-Unmodified-Since means nothing (RFC 9110 §13.1.4).
 */
export function directoryCheckOf(request: Request): DirectoryCheck {
  return (isThere) => {
    const headers = new Headers(request.headers);
    headers.delete("if-unmodified-since");
    const asked = { method: request.method, headers };
    if (!evaluatePreconditions(asked, isThere ? ofDirectory : undefined)) {
      return;
    }
    const message = "The directory is not, or no longer, what was expected";
    throw new HttpError(412, message);
  };
}

/**
 * A client that read the file coded on its way knows the tag of that, a weak one,
 * which If-Match could never match (RFC 9110 §13.1.1). Ours names one version of
 * the file all the same.
 */
function uncodedMatch(headers: Headers, entityTag: string): Headers {
  const field = headers.get("if-match");
  const coded = codedTag(entityTag, "gzip");
  if (!field?.includes(coded)) return headers;
  const changed = new Headers(headers);
  changed.set("if-match", field.replaceAll(coded, entityTag));
  return changed;
}
