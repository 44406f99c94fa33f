/**
 * What a Response holds: content that is all here already and has not been read,
 * and its field lines as they are kept.
 *
 * The web platform shows a body as a stream only, and to make one of a short
 * text costs as much as all else that is done for a request; it shows fields
 * sorted and joined, through a callback for each. Deno keeps the text and the
 * lines with the Response, under symbols of its own. That is how Deno is made and
 * no promise of it: so it is tried when this is loaded, and left alone where it
 * does not hold.
 *
 * @module
 */
import type { Line } from "./light_headers.ts";
import { lightPartsOf } from "./light_response.ts";
import { isProven } from "./stand_in.ts";

/** Content, or null if there is none; undefined if it can't be told. */
export type Content = string | Uint8Array | null | undefined;

// deno-lint-ignore no-explicit-any -- what is under a symbol has no type
type Insides = Record<symbol, any>;

function symbolNamed(description: string, sample: object): symbol {
  return Object.getOwnPropertySymbols(sample)
    .find((symbol) => symbol.description === description) ?? Symbol();
}

const sample = new Response("");
const inner = symbolNamed("response", sample);
const unmade = symbolNamed("lazy static body", sample);
const headerList = symbolNamed("header list", sample.headers);

function readContent(response: Response): Content {
  const insides = response as unknown as Insides;
  if (insides[unmade] !== null) return known(insides[unmade]);
  const { body } = insides[inner];
  if (body === null) return null;
  const { body: content, consumed } = body.streamOrStatic;
  return consumed === false ? known(content) : undefined;
}

function known(content: unknown): Content {
  return typeof content === "string" || content instanceof Uint8Array
    ? content
    : undefined;
}

/**
 * To read `headers` also makes Deno let go of what it keeps for its own server,
 * which costs 2 µs where it is left to the garbage collector.
 */
function readLines({ headers }: Response): readonly Line[] | undefined {
  const lines = (headers as unknown as Insides)[headerList];
  return Array.isArray(lines) ? lines : undefined;
}

const isContentReadable = isProven(contentIsTrue);
const areLinesReadable = isProven(linesAreTrue);

/** The content of a response, where all of it is here. */
export function contentAtHand(response: Response): Content {
  const parts = lightPartsOf(response);
  return parts ? parts.content : nativeContent(response);
}

/** The same of a response that is not light. */
export function nativeContent(response: Response): Content {
  return isContentReadable ? readContent(response) : undefined;
}

/**
 * The field lines of a response that is not light, in the order, the case and the
 * number that they were given in; undefined if they can't be told. `headers`
 * has them sorted by name, in lower case, and joined. They are those that
 * the response goes on using: to be looked at, and not kept.
 */
export function nativeLines(response: Response): readonly Line[] | undefined {
  return areLinesReadable ? readLines(response) : undefined;
}

function contentIsTrue(): boolean {
  const read = new Response("a", { status: 201 });
  read.text().catch(() => {});
  const seen = new Response("a");
  const isSeen = seen.body !== null;
  const octets = readContent(new Response(new Uint8Array([1, 2])));
  return isSeen && readContent(seen) === undefined &&
    readContent(read) === undefined &&
    readContent(new Response()) === null &&
    readContent(new Response("")) === "" &&
    readContent(new Response("a")) === "a" &&
    readContent(new Response("b", { headers: { c: "d" } })) === "b" &&
    readContent(new Response(new ReadableStream())) === undefined &&
    octets instanceof Uint8Array && octets.join() === "1,2";
}

function linesAreTrue(): boolean {
  const changed = new Response(null, { headers: { "C": "d", "e": "f" } });
  changed.headers.set("c", "g");
  changed.headers.append("C", "h");
  changed.headers.delete("e");
  const seen = (response: Response) => readLines(response)?.join(";");
  return seen(new Response()) === "" && seen(changed) === "C,g;C,h" &&
    seen(new Response("a")) === "Content-Type,text/plain;charset=UTF-8" &&
    seen(Response.json(1)) === "Content-Type,application/json" &&
    seen(new Response("a", { headers: { "content-type": "b" } })) ===
      "content-type,b" &&
    seen(new Response("a", { headers: [["X", "y"], ["x", "z"]] })) ===
      "X,y;X,z;Content-Type,text/plain;charset=UTF-8";
}
