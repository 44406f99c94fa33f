/**
 * A Request made from the wire; a real one is made on demand.
 *
 * @module
 */
import { HttpError } from "../errors.ts";
import {
  headersProof,
  isType,
  lazyHeaders,
  type Line,
  type Lined,
  linesOf,
} from "./lazy_headers.ts";
import { headerLines, NativeResponse } from "./response_insides.ts";
import { letStandIn, Proof } from "./stand_in.ts";

/** The source of a Request: its known parts, and those made on demand. */
export interface RequestSource {
  /** A method that a Request may have. */
  readonly method: string | undefined;
  /** The URL, as `new Request` would write it. */
  readonly url: string;
  readonly lines: readonly Line[];
  readonly signal: AbortSignal;
  /** Whether there is a body, even an empty one. */
  readonly hasBody: boolean;
  /** Makes the body's stream, once; null if there is none. */
  openBody(): ReadableStream<Uint8Array<ArrayBuffer>> | null;
  /** Reads all of the body, once, instead; a promise if it must be waited for. */
  readAll(): Octets | Promise<Octets>;
}

type Octets = Uint8Array<ArrayBuffer>;

const decoder = new TextDecoder();

/** The stand-in. */
class LazyRequest {
  #source: RequestSource;
  #url: string | undefined;
  #headers: Headers | undefined;
  /** What these headers are, or were before the real one. */
  #lined: Lined | undefined;
  #real: Request | undefined;
  /** Whether the body was read from the source, and no stream made of it. */
  #isRead = false;

  constructor(source: RequestSource) {
    this.#source = source;
  }

  static realOf(lazy: LazyRequest): Request {
    return lazy.#real ??= lazy.#makeReal();
  }

  #makeReal(): Request {
    const lines = this.#headers ? linesOf(this.#headers)! : this.#source.lines;
    const real = this.#isRead
      ? readRequest(this.#source, lines)
      : makeReal(this.#source, lines, this.#source.openBody());
    // Others may change these: what was given out goes by them from now on.
    if (this.#lined) this.#lined.headers = real.headers;
    return real;
  }

  get method(): string {
    return this.#source.method!;
  }

  get url(): string {
    return this.#url ??= this.#source.url;
  }

  /**
   * Not the signal of the real one: following a signal costs more than
   * everything else.
   */
  get signal(): AbortSignal {
    return this.#source.signal;
  }

  get headers(): Headers {
    return this.#headers ??= this.#makeHeaders();
  }

  #makeHeaders(): Headers {
    const { lines } = this.#source;
    return lazyHeaders(this.#lined = { lines, headers: this.#real?.headers });
  }

  /** One of the same kind: else a comparison of the two would find a difference. */
  clone(): Request {
    const real = LazyRequest.realOf(this);
    // Made of lines, they are the same inside as well.
    const headers = headerLines(real.headers) ?? [...real.headers];
    const clone = new LazyRequest(this.#source);
    clone.#real = new Request(real.clone(), {
      headers: headers as [string, string][],
    });
    return clone as unknown as Request;
  }

  get bodyUsed(): boolean {
    return this.#isRead || (this.#real?.bodyUsed ?? false);
  }

  // Without a stream: creating one for short content takes longer than
  // everything else.

  async text(): Promise<string> {
    if (!this.#mayReadAll()) return LazyRequest.realOf(this).text();
    return decoder.decode(await this.#readAll());
  }

  async json(): Promise<unknown> {
    if (!this.#mayReadAll()) return LazyRequest.realOf(this).json();
    return parseJson(decoder.decode(await this.#readAll()));
  }

  async bytes(): Promise<Octets> {
    if (!this.#mayReadAll()) return LazyRequest.realOf(this).bytes();
    return await this.#readAll();
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    if (!this.#mayReadAll()) return LazyRequest.realOf(this).arrayBuffer();
    return (await this.#readAll()).buffer;
  }

  async blob(): Promise<Blob> {
    if (!this.#mayReadAll()) return LazyRequest.realOf(this).blob();
    return await this.#asResponse(await this.#readAll()).blob();
  }

  async formData(): Promise<FormData> {
    if (!this.#mayReadAll()) return LazyRequest.realOf(this).formData();
    return await this.#asResponse(await this.#readAll()).formData();
  }

  #mayReadAll(): boolean {
    return this.#real === undefined && !this.#isRead;
  }

  #readAll(): Octets | Promise<Octets> {
    this.#isRead = this.#source.hasBody;
    return this.#source.readAll();
  }

  /** Both read their bodies by the rules of the type that their headers tell. */
  #asResponse(octets: Octets): Response {
    const type = this.headers.get("content-type");
    const headers = type === null ? undefined : { "content-type": type };
    return new NativeResponse(octets, { headers });
  }
}

const malformed = new WeakSet<Error>();

/** Whether an error means that `json()` read a body that is not JSON. */
export function isMalformedJson(error: unknown): boolean {
  return error instanceof Error && malformed.has(error);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    malformed.add(error as SyntaxError);
    throw error;
  }
}

/** Makes a real Request, the plain way. */
export function realRequest(source: RequestSource): Request {
  return makeReal(source, source.lines, source.openBody());
}

/** A real one whose body has been read. */
function readRequest(source: RequestSource, lines: readonly Line[]): Request {
  const request = makeReal(source, lines, "");
  request.text();
  return request;
}

function makeReal(
  source: RequestSource,
  lines: readonly Line[],
  body: BodyInit | null,
): Request {
  const request = new Request(source.url, {
    method: source.method,
    headers: lines as [string, string][],
    body,
  });
  // Fetch says the type of a text where no field does.
  if (typeof body === "string" && !lines.some(isType)) {
    request.headers.delete("content-type");
  }
  return Object.defineProperty(request, "signal", { get: () => source.signal });
}

/** Whether stand-ins without a body behave. */
const proof = new Proof(() => {
  letStandIn(LazyRequest, Request, {
    sample: new Request("http://localhost/"),
    realOf: LazyRequest.realOf,
  });
  if (!headersProof.holds) return false;
  const { signal } = new AbortController();
  const lazy = standInRequest({
    method: "PUT",
    url: "http://localhost/a",
    lines: [["A", "b"]],
    signal,
    hasBody: false,
    openBody: () => null,
    readAll: () => new Uint8Array(0),
  });
  const copy = new Request(lazy);
  return lazy instanceof Request && lazy.headers instanceof Headers &&
    lazy.signal === signal && lazy.body === null && !lazy.bodyUsed &&
    copy.method === "PUT" && copy.url === "http://localhost/a" &&
    copy.headers.get("a") === "b" && [...lazy.headers].join() === "a,b";
});

/** Whether those with one do, which takes as long to find out as all else. */
const bodyProof = new Proof(() => {
  const lazy = standInRequest({
    method: "PUT",
    url: "http://localhost/a",
    lines: [],
    signal: new AbortController().signal,
    hasBody: true,
    openBody: () => new ReadableStream(),
    readAll: () => new Uint8Array(0),
  });
  return proof.holds && new Request(lazy).body !== null && lazy.bodyUsed;
});

function standInRequest(source: RequestSource): Request {
  return new LazyRequest(source) as unknown as Request;
}

/** Makes a Request of what a valid one can be made of. */
export function lazyRequest(source: RequestSource): Request {
  const mayStandIn = source.hasBody ? bodyProof.holds : proof.holds;
  return mayStandIn ? standInRequest(source) : realRequest(source);
}

/** Throws an HttpError for a method that a Request cannot have. */
export function refuseForeignMethod(method: string): void {
  if (method === "GET" || normalized.has(method)) return;
  const upper = method.toUpperCase();
  if (forbidden.has(upper) || normalized.has(upper)) {
    throw new HttpError(501, "This method is not implemented");
  }
}

/** Methods that `new Request` puts in upper case. Case matters in HTTP. */
const normalized = new Set(["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"]);
/** Methods that `new Request` refuses. */
const forbidden = new Set(["CONNECT", "TRACE", "TRACK"]);
