/**
 * The border inwards: a `RequestHead` and its content become a `Request`.
 *
 * Below it the words are the RFCs', above it the web platform's. What a Request
 * cannot say, or would change, is refused here.
 *
 * @module
 */
import { authorityOf } from "../authority.ts";
import { HttpError, ProtocolError } from "../errors.ts";
import { lightRequest } from "../light/light_request.ts";
import type { Transport } from "./socket.ts";
import type { RequestHead } from "../wire/request_head.ts";

/** Methods that `new Request` puts in upper case. Case matters in HTTP. */
const normalized = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];
/** Methods that `new Request` refuses. */
const forbidden = ["CONNECT", "TRACE", "TRACK"];

/** Reads some request content, as {@linkcode RequestContent} does. */
export type ReadContent = (most: number) => Promise<Uint8Array | undefined>;

/** Makes a Request. Those of GET and HEAD have no body, whatever was sent. */
export function toRequest(
  head: RequestHead,
  readContent: ReadContent,
  { transport, lastOrigin, getSignal }: {
    transport: Pick<Transport, "localAddr" | "isSecure">;
    lastOrigin: LastOrigin;
    getSignal: () => AbortSignal;
  },
): Request {
  const { method, target, fields } = head;
  refuseForeignMethod(method);
  const origin = originOf(head, transport, lastOrigin);
  const path = "path" in target ? target.path : "/";
  const mayHaveBody = method !== "GET" && method !== "HEAD";
  return lightRequest({
    method,
    url: () => isCanonical(path) ? origin + path : new URL(origin + path).href,
    lines: fields.lines,
    body: () => mayHaveBody ? contentStream(readContent) : null,
    signal: getSignal,
  });
}

function refuseForeignMethod(method: string): void {
  const upper = method.toUpperCase();
  if (
    forbidden.includes(upper) || normalized.includes(upper) && method !== upper
  ) {
    throw new HttpError(501, "This method is not implemented");
  }
}

/** RFC 9112 §3.3: the first part of the target URI, put together again. */
function originOf(
  { target, host }: RequestHead,
  { localAddr, isSecure }: Pick<Transport, "localAddr" | "isSecure">,
  last: LastOrigin,
): string {
  const scheme = isSecure ? "https" : "http";
  if (!("scheme" in target)) {
    const authority = host || addressOf(localAddr);
    return last.canonical(scheme, authority);
  }
  // RFC 9110 §7.4: an https resource MUST NOT be given out in the clear.
  if (target.scheme !== scheme) {
    throw new HttpError(421, `This server answers for ${scheme} URIs only`);
  }
  // RFC 9112 §3.2.2: the target counts, and Host does not.
  return last.canonical(scheme, target.authority!);
}

/** Most requests to a server are for the same authority as the last one. */
export class LastOrigin {
  #last = { scheme: "", authority: "", origin: "" };

  /** As a URL has it: in lower case, without the default port, and so on. */
  canonical(scheme: string, authority: string): string {
    if (authority !== this.#last.authority || scheme !== this.#last.scheme) {
      const url = URL.parse(`${scheme}://${authority}`);
      if (!url) {
        const message = "The Host field is invalid (RFC 9110 §7.2)";
        throw new ProtocolError(400, message);
      }
      this.#last = { scheme, authority, origin: url.origin };
    }
    return this.#last.origin;
  }
}

/** Whether a URL has a path and query as they are: surely so, if this says so. */
function isCanonical(path: string): boolean {
  return /^[-!$%&()*+,./0-9:;=?@A-Z_a-z~]*$/.test(path) &&
    !/\/(?:\.|%2e)/i.test(path);
}

/** The authority to go by where the client names none, as HTTP/1.0 may. */
function addressOf(addr: Deno.Addr): string {
  return "hostname" in addr ? authorityOf(addr) : "localhost";
}

const CHUNK = 64 * 1024;

/** Content as a byte stream, read when it is asked for and no sooner. */
function contentStream(
  readContent: ReadContent,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      const lent = controller.byobRequest;
      const octets = await readContent(lent?.view?.byteLength ?? CHUNK);
      if (!octets) {
        controller.close();
        lent?.respond(0);
      } else if (lent?.view) {
        const { buffer, byteOffset } = lent.view;
        new Uint8Array(buffer, byteOffset).set(octets);
        lent.respond(octets.length);
      } else {
        controller.enqueue(octets.slice());
      }
    },
  });
}
