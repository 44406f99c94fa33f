/**
 * Sets the configured fields of files: how long caches may keep them, which
 * pages may read them, and any others. Which file is sent, and which part of
 * it, is already decided.
 *
 * @module
 */

import { HttpError, withFields } from "../errors.ts";
import { decodePath } from "../router/url_path.ts";
import type { ResourcePolicy, Selected } from "./representation.ts";

/** The file that an answer is about. */
export interface ServedFile {
  /**
   * Its path below the directory, percent-decoded: `blog/index.html`, also for
   * a request for `/blog/`.
   */
  path: string;
  /** Its own metadata, even if a coded form is sent. */
  info: Deno.FileInfo;
  /** The request. */
  request: Request;
}

/** Options for the fields of files. */
export interface ServedHeadersOptions {
  /**
   * Fields for every answer, including errors and redirects. They replace
   * fields of the same name, even protections such as `x-content-type-options`;
   * `vary` and `set-cookie` are added. Default: none.
   */
  headers?: HeadersInit;
  /**
   * Sets fields of an answer with a file, or of a 304, after all others are
   * set. It may also delete some, such as `etag`. It cannot change
   * `content-length` and `content-range`, which describe the octets, nor the
   * type of a multipart answer. Default: nothing.
   */
  setHeaders?: (headers: Headers, file: ServedFile) => void;
  /**
   * Seconds for which a file may be used without revalidation. Until then a
   * client does not notice a change, so use it for files whose names change
   * with their content; {@linkcode setHeaders} can set it for those alone.
   * Default: 0, which sends `no-cache`: keep it, but revalidate.
   */
  maxAge?: number;
  /**
   * Whether a browser need not revalidate a fresh file even when the user
   * reloads the page (RFC 8246). It requires `maxAge`. Default: false.
   */
  immutable?: boolean;
  /**
   * Whether scripts of all other origins may read the answers. That includes
   * pages on the internet that a visitor opens inside a private network. It
   * also answers preflights, and sets `resourcePolicy` to `cross-origin`.
   * Default: false.
   */
  cors?: boolean;
  /**
   * Which pages may show or run the files (`Cross-Origin-Resource-Policy`):
   * those of the same origin, of the same site, or all. Default: `same-origin`.
   */
  resourcePolicy?: ResourcePolicy;
}

/** Sets the configured fields. */
export class ServedHeaders {
  /** The options for the representation of each file. */
  readonly representation: {
    cacheControl: string | undefined;
    resourcePolicy: ResourcePolicy | undefined;
  };
  readonly #always: [name: string, value: string][];
  readonly #setHeaders: ServedHeadersOptions["setHeaders"];
  readonly #isForAll: boolean;
  /** Whether there is nothing to set. */
  readonly #areNone: boolean;

  /**
   * @throws {RangeError} If `maxAge` is not a number of seconds.
   * @throws {TypeError} If files are immutable without `maxAge`, or a field has
   * an invalid name or value.
   */
  constructor(options: ServedHeadersOptions) {
    const { headers, setHeaders, cors = false, resourcePolicy } = options;
    this.representation = {
      cacheControl: cacheControl(options),
      resourcePolicy: resourcePolicy ?? (cors ? "cross-origin" : undefined),
    };
    const own = new Headers(headers);
    const open = cors ? readableForAll.filter(([name]) => !own.has(name)) : [];
    this.#always = [...open, ...own];
    this.#setHeaders = setHeaders;
    this.#isForAll = cors;
    this.#areNone = this.#always.length === 0 && !setHeaders;
  }

  /** The methods that are answered, for `Allow`. */
  get methods(): string {
    return this.#isForAll ? "GET, HEAD, OPTIONS" : "GET, HEAD";
  }

  /** Sets the fields of an answer with a file. */
  withFile(
    response: Response | Promise<Response>,
    request: Request,
    file: Selected,
  ): Response | Promise<Response> {
    if (this.#areNone) return response;
    return response instanceof Promise
      ? response.then((response) => this.#setOnFile(response, request, file))
      : this.#setOnFile(response, request, file);
  }

  /** Sets the fields of any other answer. */
  withOther(
    response: Response | Promise<Response>,
  ): Response | Promise<Response> {
    if (this.#areNone) return response;
    if (response instanceof Promise) {
      return response.then((response) => this.withOther(response));
    }
    this.#add(response.headers);
    return response;
  }

  /**
   * Wraps a function so that its errors, which become answers, have the fields
   * too.
   */
  onErrors<Asked extends unknown[], Answer>(
    answer: (...asked: Asked) => Answer | Promise<Answer>,
  ): (...asked: Asked) => Answer | Promise<Answer> {
    if (this.#always.length === 0) return answer;
    return async (...asked) => {
      try {
        return await answer(...asked);
      } catch (error) {
        if (!(error instanceof HttpError)) throw error;
        throw withFields(error, (headers) => this.#add(headers));
      }
    };
  }

  /**
   * The answer to a preflight (Fetch §4.8), if scripts of all origins may read.
   */
  answerPreflight({ method }: Request): Response | undefined {
    if (!this.#isForAll || method !== "OPTIONS") return undefined;
    const response = new Response(null, {
      status: 204,
      headers: {
        "access-control-allow-headers": "*",
        "access-control-allow-methods": "GET, HEAD",
        "allow": this.methods,
      },
    });
    this.#add(response.headers);
    return response;
  }

  #setOnFile(
    response: Response,
    request: Request,
    { path, info }: Selected,
  ): Response {
    const { headers } = response;
    const before = new Headers(headers);
    this.#add(headers);
    try {
      this.#setHeaders?.(headers, { path: decodePath(path), info, request });
    } catch (error) {
      // The content may hold an open file.
      response.body?.cancel();
      throw error;
    }
    for (const name of framingFields(response.status, before)) {
      const value = before.get(name);
      if (value === null) headers.delete(name);
      else headers.set(name, value);
    }
    return response;
  }

  #add(headers: Headers): void {
    for (const [name, value] of this.#always) {
      if (severalTimes.has(name)) headers.append(name, value);
      else headers.set(name, value);
    }
  }
}

/** Fields that are added to, not replaced. */
const severalTimes = new Set(["vary", "set-cookie"]);

/**
 * With `*`, a browser sends no cookies and lets no script read an answer to
 * them.
 */
const readableForAll: [string, string][] = [
  ["access-control-allow-origin", "*"],
  ["access-control-expose-headers", "*"],
];

/**
 * No `public`: it would let shared caches keep answers that needed a password.
 */
function cacheControl(
  { maxAge = 0, immutable = false }: ServedHeadersOptions,
): string | undefined {
  if (!Number.isSafeInteger(maxAge) || maxAge < 0) {
    throw new RangeError(
      `Cannot use maxAge: got ${maxAge}, not a number of seconds`,
    );
  }
  if (immutable && maxAge === 0) {
    throw new TypeError("Cannot use immutable: it needs a maxAge");
  }
  if (maxAge === 0) return undefined;
  return `max-age=${maxAge}${immutable ? ", immutable" : ""}`;
}

/** The fields that describe the octets of the content. */
function framingFields(status: number, headers: Headers): string[] {
  const names = ["content-length", "content-range"];
  const isInParts = headers.get("content-type")?.startsWith("multipart/");
  // RFC 9110 §15.4.5: an answer without the content does not name its type.
  const isTyped = status !== 304 && !(status === 206 && isInParts);
  return isTyped ? names : [...names, "content-type"];
}
