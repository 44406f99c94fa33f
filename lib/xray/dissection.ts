/**
 * Takes the octets of an exchange apart: each octet belongs to one part, and
 * each part has a name that can be explained. Invalid input becomes a part too,
 * and the rest is dissected as far as possible.
 *
 * @module
 */

import { trimWhitespace } from "../field_value.ts";
import { decodeLatin1, FIELD_VALUE, TOKEN } from "../wire/grammar.ts";
import { type Line, MessageParts, type Part } from "./message_parts.ts";
import { markRefusal } from "./refusal.ts";

/** Dissects a request, or the responses to one, interim and final. */
export function dissect(
  octets: Uint8Array,
  side: "request" | "response",
): Part[] {
  const text = decodeLatin1(octets);
  const parts = new MessageParts(text);
  const dissection = new Dissection(parts);
  if (side === "response") { while (dissection.response()); }
  else {
    dissection.request();
    markRefusal(text, parts.taken);
  }
  return parts.taken;
}

/** Empty lines before a request that the server skips (RFC 9112 §2.2). */
export const MOST_EMPTY_LINES = 8;

/** The grammar: one method for each rule, which takes its parts. */
class Dissection {
  #parts: MessageParts;

  constructor(parts: MessageParts) {
    this.#parts = parts;
  }

  request(): void {
    this.#emptyLines();
    this.#startLine((text) => this.#requestLine(text));
    this.#content(this.#fields());
  }

  /** @returns whether another response may follow. */
  response(): boolean {
    if (this.#parts.rest === 0) return false;
    let status = "";
    this.#startLine((text) => status = this.#statusLine(text));
    const fields = this.#fields();
    if (/^1\d\d$/.test(status) && status !== "101") return this.#parts.rest > 0;
    if (status === "101") this.#parts.take(this.#parts.rest, "upgraded");
    else this.#content(fields, true);
    return false;
  }

  #lineEnd({ end }: Line): void {
    if (end === "\n") {
      this.#parts.takeWrong(
        end,
        "line-end",
        "A line ends with CR and LF; a bare LF is refused",
        "RFC 9112 §2.2",
      );
    } else this.#parts.take(end.length, "line-end");
  }

  /** RFC 9112 §2.2: a server should skip an empty line before a request. */
  #emptyLines(): void {
    for (let count = 0; count < MOST_EMPTY_LINES; count++) {
      if (this.#parts.peek(2) !== "\r\n") break;
      this.#parts.take(2, "empty-line");
    }
  }

  #startLine(dissect: (text: string) => void): void {
    const line = this.#parts.peekLine();
    dissect(line.text);
    this.#lineEnd(line);
  }

  #requestLine(text: string): void {
    const [, method, first, target, second, version] =
      /^([^ ]*)( *)([^ ]*)( *)(.*)$/s.exec(text)!;
    if (TOKEN.test(method)) this.#parts.take(method.length, "method");
    else {
      this.#parts.takeWrong(
        method,
        "method",
        "A method consists of letters, digits and a few signs",
        "RFC 9112 §3.1",
      );
    }
    this.#space(first);
    if (/^[!-~]*$/.test(target)) this.#parts.take(target.length, "target");
    else {
      this.#parts.takeWrong(
        target,
        "target",
        "A target consists of visible ASCII characters",
        "RFC 9112 §3.2",
      );
    }
    this.#space(second);
    this.#version(version);
  }

  #statusLine(text: string): string {
    const [, version, first, status, second, reason] =
      /^([^ ]*)( ?)(\d{0,3})( ?)(.*)$/s.exec(text)!;
    this.#version(version);
    this.#space(first);
    this.#parts.take(status.length, "status");
    this.#space(second);
    this.#parts.take(reason.length, "reason");
    return status;
  }

  #space(text: string): void {
    if (text.length > 1) {
      this.#parts.takeWrong(
        text,
        "space",
        "Exactly one space separates these words",
        "RFC 9112 §3",
      );
    } else this.#parts.take(text.length, "space");
  }

  #version(text: string): void {
    if (/^HTTP\/\d\.\d$/.test(text)) this.#parts.take(text.length, "version");
    else {
      this.#parts.takeWrong(
        text,
        "version",
        "A version is written as HTTP/1.1",
        "RFC 9112 §2.3",
      );
    }
  }

  /** Takes a section, including the empty line that ends it. */
  #fields(nameKind = "field-name"): Map<string, string> {
    const fields = new Map<string, string>();
    while (this.#parts.rest > 0 && !this.#parts.takeExcess()) {
      const line = this.#parts.peekLine();
      if (line.text === "" && line.end) {
        if (line.end === "\n") this.#lineEnd(line);
        else this.#parts.take(2, "section-end");
        break;
      }
      const field = this.#fieldLine(line.text, nameKind);
      if (field) fields.set(...field);
      this.#lineEnd(line);
    }
    return fields;
  }

  #fieldLine(text: string, nameKind: string): [string, string] | undefined {
    if (/^[ \t]/.test(text)) {
      this.#parts.takeWrong(
        text,
        "field-name",
        "A line must not begin with whitespace",
        "RFC 9112 §5.2",
      );
      return undefined;
    }
    const colon = text.indexOf(":");
    if (colon < 1) {
      this.#parts.takeWrong(
        text,
        "field-name",
        "A field line has a name, a colon and a value",
        "RFC 9112 §5",
      );
      return undefined;
    }
    const name = text.slice(0, colon);
    const key = name.toLowerCase();
    if (/[ \t]$/.test(name)) {
      this.#parts.takeWrong(
        name,
        "field-name",
        "Whitespace is not allowed before the colon",
        "RFC 9112 §5.1",
      );
    } else if (TOKEN.test(name)) this.#parts.take(colon, nameKind, key);
    else {
      this.#parts.takeWrong(
        name,
        "field-name",
        "A field name consists of letters, digits and a few signs",
        "RFC 9112 §5",
      );
    }
    this.#parts.take(1, "colon");
    const value = trimWhitespace(text.slice(colon + 1));
    const start = value === "" ? text.length : text.indexOf(value, colon + 1);
    this.#parts.take(start - colon - 1, "whitespace");
    if (FIELD_VALUE.test(value)) {
      this.#parts.take(value.length, "field-value", key);
    } else {
      this.#parts.takeWrong(
        value,
        "field-value",
        "A control character is not allowed in a value",
        "RFC 9112 §5",
      );
    }
    this.#parts.take(text.length - start - value.length, "whitespace");
    return [key, value];
  }

  #content(fields: Map<string, string>, isResponse = false): void {
    const coding = fields.get("transfer-encoding");
    const length = fields.get("content-length");
    if (/(?:^|[ ,\t])chunked$/i.test(coding ?? "")) {
      this.#chunks();
    } else if (/^\d+$/.test(length ?? "")) {
      this.#parts.take(Number(length), "content");
    } else if (isResponse) this.#parts.take(this.#parts.rest, "content");
    this.#parts.take(this.#parts.rest, "beyond");
  }

  #chunks(): void {
    while (this.#parts.rest > 0) {
      if (this.#parts.takeExcess()) return;
      const line = this.#parts.peekLine();
      const [, size, extension] = /^([\da-f]*)(.*)$/is.exec(line.text)!;
      const length = parseInt(size, 16);
      this.#parts.take(size.length, length === 0 ? "last-chunk" : "chunk-size");
      if (size === "" || extension !== "" && !/^[ \t]*;/.test(extension)) {
        this.#parts.takeWrong(
          size + extension === "" ? line.end : extension,
          "chunk-size",
          "A chunk begins with its size, in hexadecimal",
          "RFC 9112 §7.1",
        );
        if (size + extension !== "") this.#lineEnd(line);
        return;
      }
      this.#parts.take(extension.length, "chunk-extension");
      this.#lineEnd(line);
      if (length === 0) {
        this.#fields("trailer-name");
        return;
      }
      this.#parts.take(length, "chunk-data");
      const end = this.#parts.peek(2);
      if (!"\r\n".startsWith(end)) {
        return this.#parts.takeWrong(
          end,
          "chunk-data",
          "The chunk is longer than its size says",
          "RFC 9112 §7.1",
        );
      }
      this.#parts.take(end.length, "line-end");
    }
  }
}
