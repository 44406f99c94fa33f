/**
 * Reads the insides of a native Response: unread content that is in memory, and
 * its field lines as stored.
 *
 * The web platform shows a body only as a stream, and creating one for a short
 * text costs as much as everything else in a request; it shows fields sorted
 * and joined, through a callback for each. Deno stores the text and the lines
 * with the Response, under its own symbols. This is an implementation detail of
 * Deno, so it is tested on first use, and not used if the test fails.
 *
 * @module
 */
import type { Line } from "./lazy_headers.ts";
import { Proof } from "./stand_in.ts";

/** Content, or null if there is none; undefined if unknown. */
export type Content = string | Uint8Array<ArrayBuffer> | null | undefined;

/** Deno's own class, whatever `Response` is replaced by later on. */
export const NativeResponse: typeof Response = Response;

// deno-lint-ignore no-explicit-any -- what is under a symbol has no type
type Insides = Record<symbol, any>;

/** Deno's symbols, set by the proof that finds them. */
const under = {
  inner: Symbol(),
  unmade: Symbol(),
  headerList: Symbol(),
  consumed: Symbol(),
};

/** Marks content as sent, if Deno has no place for that. */
const isSent = Symbol("is sent");

/** Deno's own symbol of that name, or an unused one if there is none. */
export function symbolNamed(description: string, sample: object): symbol {
  return Object.getOwnPropertySymbols(sample)
    .find((symbol) => symbol.description === description) ?? Symbol();
}

function readContent(response: Response): Content {
  const insides = response as unknown as Insides;
  if (insides[under.unmade] !== null) return known(insides[under.unmade]);
  const { body } = insides[under.inner];
  if (body === null) return null;
  const { body: content, consumed } = body.streamOrStatic;
  return consumed === false ? known(content) : undefined;
}

function known(content: unknown): Content {
  return typeof content === "string" || content instanceof Uint8Array
    ? content as Content
    : undefined;
}

function readHeaders(headers: Headers): readonly Line[] | undefined {
  const lines = (headers as unknown as Insides)[under.headerList];
  return Array.isArray(lines) ? lines : undefined;
}

/** The content of a native response, if all of it is in memory. */
export function nativeContent(response: Response): Content {
  return contentProof.holds ? readContent(response) : undefined;
}

/** Whether a native response tells its content on this Deno. */
export function tellsContent(): boolean {
  return contentProof.holds;
}

/**
 * Marks content in memory as sent, because taking it does not mark it as read, as
 * taking its stream would. `bodyUsed` tells it if Deno has a place for that.
 *
 * @returns false if it was marked before.
 */
export function claimNative(response: Response): boolean {
  const insides = response as unknown as Insides;
  const sent = consumedProof.holds ? under.consumed : isSent;
  if (insides[sent]) return false;
  insides[sent] = true;
  return true;
}

/**
 * The field lines of a native response, in the order, the case and the number
 * that they were given in; undefined if unknown. They are Deno's own, and
 * change with the headers.
 *
 * Reading `headers` also makes Deno release the data for its own server, which
 * costs 2 µs if it is left to the garbage collector.
 */
export function nativeLines(
  { headers }: Response,
): readonly Line[] | undefined {
  return headerLines(headers);
}

/** The same of native headers. */
export function headerLines(headers: Headers): readonly Line[] | undefined {
  return linesProof.holds ? readHeaders(headers) : undefined;
}

/** What the head of an answer is made of. */
export interface HeadParts {
  readonly status: number;
  readonly reason: string;
  readonly lines: readonly Line[];
}

/** Fields that describe the octets before `fetch` decoded them. */
const ofCoded = new Set([
  "content-encoding",
  "content-length",
  "transfer-encoding",
]);

/**
 * The head to send for a Response whose content `fetch` has decoded: its fields
 * still tell the original coding and length.
 *
 * @returns undefined for any other.
 */
export function decodedParts(response: Response): HeadParts | undefined {
  // Only a fetched response has a URL.
  if (response.url === "" || !isDecoded(response)) return undefined;
  const lines = [...response.headers].filter(([name]) => !ofCoded.has(name));
  return { status: response.status, reason: response.statusText, lines };
}

function isDecoded(response: Response): boolean {
  const inner = contentProof.holds &&
    (response as unknown as Insides)[under.inner];
  if (typeof inner?.bodyDecoded === "boolean") return inner.bodyDecoded;
  const coding = response.headers.get("content-encoding") ?? "";
  return /^(?:gzip|br)$/i.test(coding) &&
    response.headers.get("content-length") !== "0";
}

const contentProof = new Proof(() => {
  const sample = new NativeResponse("");
  under.inner = symbolNamed("response", sample);
  under.unmade = symbolNamed("lazy static body", sample);
  const at = (body?: BodyInit | null, init?: ResponseInit) =>
    readContent(new NativeResponse(body, init));
  const read = new NativeResponse("a", { status: 201 });
  read.text().catch(() => {});
  const seen = new NativeResponse("a");
  const isSeen = seen.body !== null;
  const octets = at(new Uint8Array([1, 2]));
  return isSeen && readContent(seen) === undefined &&
    readContent(read) === undefined && at() === null && at("") === "" &&
    at("a") === "a" && at("b", { headers: { c: "d" } }) === "b" &&
    at(new ReadableStream()) === undefined &&
    octets instanceof Uint8Array && octets.join() === "1,2";
});

const consumedProof = new Proof(() => {
  const sample = new NativeResponse("a");
  under.consumed = symbolNamed("serve fast consumed", sample);
  if (sample.bodyUsed) return false;
  (sample as unknown as Insides)[under.consumed] = true;
  return sample.bodyUsed;
});

const linesProof = new Proof(() => {
  under.headerList = symbolNamed("header list", new Headers());
  const changed = new NativeResponse(null, { headers: { "C": "d", "e": "f" } });
  changed.headers.set("c", "g");
  changed.headers.append("C", "h");
  changed.headers.delete("e");
  // Deno may choose the case of a type that it adds itself.
  const seen = ({ headers }: Response) =>
    readHeaders(headers)?.join(";").toLowerCase();
  const at = (body: string | null, headers?: HeadersInit) =>
    seen(new NativeResponse(body, { headers }));
  return at(null) === "" && seen(changed) === "c,g;c,h" &&
    at("a") === "content-type,text/plain;charset=utf-8" &&
    seen(NativeResponse.json(1)) === "content-type,application/json" &&
    at("a", { "content-type": "b" }) === "content-type,b" &&
    at("a", [["X", "y"], ["x", "z"]]) ===
      "x,y;x,z;content-type,text/plain;charset=utf-8";
});
