/**
 * llhttp, the parser of Node.js, as the WebAssembly that `undici` brings: in its
 * strict mode, with no leniency set, for requests.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import constants from "undici/lib/llhttp/constants.js";
import wasm from "undici/lib/llhttp/llhttp-wasm.js";
import { trimWhitespace } from "../../lib/field_value.ts";
import type { Message, Verdict } from "./verdict.ts";

const methodNames = new Map(
  Object.entries(constants.METHODS).map(([name, number]) => [number, name]),
);

/** The functions of llhttp's `api.h`, and some of C. */
type Exports =
  & Record<
    | "llhttp_alloc"
    | "llhttp_free"
    | "llhttp_finish"
    | "llhttp_get_error_reason"
    | "llhttp_get_http_minor"
    | "llhttp_get_method"
    | "llhttp_should_keep_alive"
    | "malloc"
    | "free",
    (pointer: number) => number
  >
  & {
    memory: WebAssembly.Memory;
    llhttp_execute(parser: number, start: number, length: number): number;
  };

let messages: Message[] = [];
let message: Message;
let isInTrailers = false;
let closes = false;
let lastPart = "";

const callbacks = {
  wasm_on_message_begin() {
    message = {
      method: "",
      target: "",
      minorVersion: 0,
      fields: [],
      content: "",
    };
    isInTrailers = false;
    lastPart = "";
    return 0;
  },
  wasm_on_url(_: number, at: number, length: number) {
    message.target += textAt(at, length);
    return 0;
  },
  wasm_on_status: () => 0,
  wasm_on_header_field(_: number, at: number, length: number) {
    if (isInTrailers) return 0;
    if (lastPart !== "name") message.fields.push(["", ""]);
    lastPart = "name";
    const [name, value] = message.fields.pop()!;
    message.fields.push([name + textAt(at, length), value]);
    return 0;
  },
  wasm_on_header_value(_: number, at: number, length: number) {
    if (isInTrailers) return 0;
    lastPart = "value";
    const [name, value] = message.fields.pop()!;
    message.fields.push([name, value + textAt(at, length)]);
    return 0;
  },
  wasm_on_headers_complete(parser: number) {
    message.method = methodNames.get(llhttp.llhttp_get_method(parser))!;
    message.minorVersion = llhttp.llhttp_get_http_minor(parser);
    isInTrailers = true;
    return 0;
  },
  wasm_on_body(_: number, at: number, length: number) {
    message.content += textAt(at, length);
    return 0;
  },
  wasm_on_message_complete(parser: number) {
    // It leaves the whitespace at the end of a value to its user.
    message.fields = message.fields
      .map(([name, value]) => [name, trimWhitespace(value)]);
    messages.push(message);
    closes = llhttp.llhttp_should_keep_alive(parser) === 0;
    return 0;
  },
};

const { exports } = new WebAssembly.Instance(
  new WebAssembly.Module(new Uint8Array(wasm)),
  { env: callbacks },
);
const llhttp = exports as unknown as Exports;

function textAt(at: number, length: number): string {
  return Buffer.from(llhttp.memory.buffer, at, length).toString("latin1");
}

/** What llhttp says of octets that come whole and are followed by a FIN. */
export function askLlhttp(octets: string): Verdict {
  messages = [];
  closes = false;
  const parser = llhttp.llhttp_alloc(constants.TYPE.REQUEST);
  const start = llhttp.malloc(octets.length + 1);
  Buffer.from(llhttp.memory.buffer, start, octets.length)
    .write(octets, "latin1");
  const errno = llhttp.llhttp_execute(parser, start, octets.length) ||
    llhttp.llhttp_finish(parser);
  const isUpgrade = errno === constants.ERROR.PAUSED_UPGRADE;
  const refusal = errno === 0 || isUpgrade ? undefined : reasonOf(parser);
  llhttp.llhttp_free(parser);
  llhttp.free(start);
  return { messages, refusal, closes: closes || isUpgrade };
}

function reasonOf(parser: number): string {
  const start = llhttp.llhttp_get_error_reason(parser);
  const octets = new Uint8Array(llhttp.memory.buffer, start);
  return textAt(start, octets.indexOf(0));
}
