/**
 * Sets the fields of `--header` on all answers, or on those for some paths.
 *
 * @module
 */

import { PathPattern } from "../files/path_pattern.ts";
import type { Handler } from "../handler.ts";
import { decodePath, pathOf } from "../router/url_path.ts";
import { addFields, type Field } from "./added_fields.ts";
import type { GivenField } from "./field_options.ts";
import { UsageError } from "./messages.ts";

/** A field, and for which paths it is. */
interface PlacedField {
  field: Field;
  /** Undefined for all paths. */
  pattern: PathPattern | undefined;
}

/** The fields of answers. */
export class AnswerFields {
  readonly #fields: PlacedField[];
  readonly #prefix: string;

  /**
   * Throws a {@linkcode UsageError} for a pattern that is none.
   *
   * @param prefix The path that patterns do not name.
   */
  constructor(given: readonly GivenField[], prefix: string) {
    this.#prefix = prefix;
    this.#fields = given.map(({ path, name, value }) => ({
      field: [name, value],
      pattern: path === undefined ? undefined : patternOf(path),
    }));
  }

  /** Sets them on what a handler answers, and on the errors it throws. */
  guard(handler: Handler): Handler {
    return (request, info) =>
      addFields(this.#fieldsFor(request.url), () => handler(request, info));
  }

  #fieldsFor(url: string): Field[] {
    let names: string[] | undefined;
    return this.#fields.flatMap(({ field, pattern }) => {
      if (!pattern) return [field];
      names ??= namesOf(url, this.#prefix);
      return pattern.matches(names) ? [field] : [];
    });
  }
}

function patternOf(path: string): PathPattern {
  try {
    return new PathPattern(path);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`Cannot use --header: ${error.message}`);
  }
}

/** The names of the path; none if it is malformed, or not below the prefix. */
function namesOf(url: string, prefix: string): string[] {
  const path = pathOf(url);
  if (!path.startsWith(`${prefix}/`)) return [];
  try {
    return decodePath(path.slice(prefix.length)).split("/").filter(Boolean);
  } catch {
    return [];
  }
}
