/**
 * Sets the fields that people want sent with their files: how long they may be
 * kept, whose pages may read them, and whatever else they set. Which file that
 * is, and what of it is sent, was decided before.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { decodePath } from "../router/url_path.ts";
import type { ResourcePolicy, Selected } from "./representation.ts";

/** The file that an answer is about. */
export interface ServedFile {
  /**
   * Its path below the directory, percent-decoded: `blog/index.html`, whether
   * `/blog/` or that was asked for.
   */
  path: string;
  /** What it says of itself, whatever coding of it is sent. */
  info: Deno.FileInfo;
  /** What is answered. */
  request: Request;
}

/** Options of what is said with files. */
export interface ServedHeadersOptions {
  /**
   * Fields of every answer, errors and redirects among them. They replace what is
   * there by the same name, and so may take a protection away, such as
   * `x-content-type-options`; `vary` and `set-cookie` are added. Default: none.
   */
  headers?: HeadersInit;
  /**
   * Sets fields of an answer with a file, or with word that the client has it: the
   * last to do so. It may also delete some, such as `etag`. Those that tell how the
   * octets are framed, `content-length` and `content-range`, it leaves as they
   * are, and so it does the type of several parts. Default: nothing.
   */
  setHeaders?: (headers: Headers, file: ServedFile) => void;
  /**
   * Seconds for which a file may be used without asking after it. Until they are
   * over nobody who has it learns of a change, so it is for files whose names change
   * with their content; for those alone {@linkcode setHeaders} can say it.
   * Default: 0, for which caches are told `no-cache`: keep it, but ask.
   */
  maxAge?: number;
  /**
   * Whether a browser need not ask for a file while it is fresh, not even when its
   * user reloads the page (RFC 8246). It takes a `maxAge`. Default: false.
   */
  immutable?: boolean;
  /**
   * Whether scripts of all other origins may read the answers: also those of pages
   * on the internet what is served in a network that they do not reach, to who
   * visits them there. Answers a preflight as well, and makes `resourcePolicy`
   * `cross-origin`. Default: false.
   */
  cors?: boolean;
  /**
   * Whose pages may show or run the files (`Cross-Origin-Resource-Policy`):
   * those of the same origin, of the same site, or all. Default: `same-origin`.
   */
  resourcePolicy?: ResourcePolicy;
}

/** Sets the fields. */
export class ServedHeaders {
  /** The fields of each file by themselves. */
  readonly representation: {
    cacheControl: string | undefined;
    resourcePolicy: ResourcePolicy | undefined;
  };
  readonly #always: [name: string, value: string][];
  readonly #setHeaders: ServedHeadersOptions["setHeaders"];
  readonly #isForAll: boolean;
  /** Whether answers stay as they are. */
  readonly #areNone: boolean;

  /**
   * @throws {RangeError} If `maxAge` is no number of seconds.
   * @throws {TypeError} If files are to be immutable for no time, or a field has no
   * name or value that can be sent.
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

  /** The methods that are answered, as `Allow` names them. */
  get methods(): string {
    return this.#isForAll ? "GET, HEAD, OPTIONS" : "GET, HEAD";
  }

  /** An answer with a file. */
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

  /** An answer with something else. */
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

  /** The same function, whose errors that become answers have the fields as well. */
  onErrors<Asked extends unknown[], Answer>(
    answer: (...asked: Asked) => Answer | Promise<Answer>,
  ): (...asked: Asked) => Answer | Promise<Answer> {
    if (this.#always.length === 0) return answer;
    return async (...asked) => {
      try {
        return await answer(...asked);
      } catch (error) {
        if (!(error instanceof HttpError)) throw error;
        const headers = new Headers(error.headers);
        this.#add(headers);
        const { status, message } = error;
        throw new HttpError(status, message, { headers, cause: error });
      }
    };
  }

  /** The answer to a preflight (Fetch §4.8), if scripts of all may read. */
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

/** Fields that say more when there is another of them. */
const severalTimes = new Set(["vary", "set-cookie"]);

/** With `*` a browser sends no cookies, and shows nothing that came for them. */
const readableForAll: [string, string][] = [
  ["access-control-allow-origin", "*"],
  ["access-control-expose-headers", "*"],
];

/** `public` would let caches that others share keep what came for a password. */
function cacheControl(
  { maxAge = 0, immutable = false }: ServedHeadersOptions,
): string | undefined {
  if (!Number.isSafeInteger(maxAge) || maxAge < 0) {
    throw new RangeError(
      `Cannot serve with maxAge: it is a number of seconds, got ${maxAge}`,
    );
  }
  if (immutable && maxAge === 0) {
    throw new TypeError("Cannot serve with immutable: it takes a maxAge");
  }
  if (maxAge === 0) return undefined;
  return `max-age=${maxAge}${immutable ? ", immutable" : ""}`;
}

/** The fields that tell where the content is, and what its parts are. */
function framingFields(status: number, headers: Headers): string[] {
  const names = ["content-length", "content-range"];
  const isInParts = headers.get("content-type")?.startsWith("multipart/");
  // RFC 9110 §15.4.5: what says nothing about the content does not name its type.
  const isTyped = status !== 304 && !(status === 206 && isInParts);
  return isTyped ? names : [...names, "content-type"];
}
