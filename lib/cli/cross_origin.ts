/**
 * Lets pages of other origins use the files by scripts (Fetch §3.2, CORS): all of
 * them to read, those that are named to do what a page of this server may.
 *
 * In: requests with `Origin`, and their preflights. Out: the fields by which a
 * browser lets a script see the answer, also of an error.
 *
 * @module
 */

import type { Handler } from "../handler.ts";
import { addFields, type Field } from "./added_fields.ts";

/** Seconds for which a browser may believe a preflight. */
const BELIEVED = 600;

const READING = "GET, HEAD";
const CHANGING = `${READING}, POST, PUT, PATCH, DELETE, MOVE, MKCOL`;

/**
 * Fields that a script may send beside those that need no preflight. A `*` would
 * not do: it is for requests without credentials, and not for `Authorization`.
 */
const SENT = [
  ...["Authorization", "Content-Digest", "Content-Type", "Range"],
  ...["If-Match", "If-Modified-Since", "If-None-Match", "If-Range"],
  ...["If-Unmodified-Since", "Repr-Digest", "Want-Repr-Digest"],
  ...["Destination", "Overwrite", "X-HTTP-Method-Override", "X-Request-Id"],
  ...["Upload-Complete", "Upload-Concat", "Upload-Defer-Length"],
  ...["Upload-Draft-Interop-Version", "Upload-Incomplete", "Upload-Length"],
  ...["Upload-Metadata", "Upload-Offset", "Tus-Resumable", "X-Requested-With"],
].join(", ");

/** Fields of answers that a script may see beside those that all may. */
const EXPOSED = [
  ...["Accept-Ranges", "Allow", "Content-Digest", "Content-Disposition"],
  ...["Content-Encoding", "Content-Range", "Date", "ETag", "Link", "Location"],
  ...["Repr-Digest", "Retry-After", "Vary", "X-Request-Id"],
  ...["Upload-Complete", "Upload-Draft-Interop-Version", "Upload-Expires"],
  ...["Upload-Incomplete", "Upload-Length", "Upload-Limit", "Upload-Metadata"],
  ...["Upload-Offset", "Tus-Extension", "Tus-Max-Size", "Tus-Resumable"],
  "Tus-Version",
].join(", ");

const FOR_ALL: Field[] = [
  ["access-control-allow-origin", "*"],
  ["access-control-expose-headers", EXPOSED],
];

/** Which other origins may use the files. */
export class CrossOrigin {
  readonly #named: ReadonlySet<string>;
  readonly #isForAll: boolean;

  /** @param origins As browsers write them, or `*` for all of them to read. */
  constructor(origins: readonly string[]) {
    this.#named = new Set(origins.filter((origin) => origin !== "*"));
    this.#isForAll = origins.includes("*");
  }

  /**
   * Answers preflights, and sets the fields of all other answers.
   *
   * @param trusted Answers pages of the named origins.
   * @param others Answers all others; it refuses changes by other sites.
   */
  guard(trusted: Handler, others: Handler): Handler {
    return (request, info) => {
      const origin = request.headers.get("origin");
      const isNamed = origin !== null && this.#named.has(origin);
      const fields = [
        ...isNamed ? fieldsFor(origin) : this.#isForAll ? FOR_ALL : [],
        ...this.#named.size > 0 ? VARYING : [],
      ];
      const isAllowed = isNamed || this.#isForAll && origin !== null;
      if (isAllowed && isPreflight(request)) {
        return answerPreflight(fields, isNamed ? CHANGING : READING);
      }
      const handler = isNamed ? trusted : others;
      return addFields(fields, () => handler(request, info));
    };
  }
}

/** A cache must not give the answer for one origin to another. */
const VARYING: Field[] = [["vary", "Origin"]];

function fieldsFor(origin: string): Field[] {
  return [
    ["access-control-allow-origin", origin],
    ["access-control-allow-credentials", "true"],
    ["access-control-expose-headers", EXPOSED],
  ];
}

function isPreflight({ method, headers }: Request): boolean {
  return method === "OPTIONS" && headers.has("access-control-request-method");
}

/** A preflight has no credentials: who may do what is decided after it. */
function answerPreflight(fields: Field[], methods: string): Response {
  return new Response(null, {
    status: 204,
    headers: [
      ...fields,
      ["access-control-allow-methods", methods],
      ["access-control-allow-headers", SENT],
      ["access-control-max-age", `${BELIEVED}`],
    ],
  });
}
