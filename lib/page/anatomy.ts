/**
 * The octets of an exchange go in, its parts come out: each octet belongs to
 * one, and each part has a name that can be explained. What breaks the grammar
 * is a part as well, and the rest is dissected as far as it goes.
 *
 * @module
 */

import { trimWhitespace } from "../field_value.ts";
import { decodeLatin1, FIELD_VALUE, TOKEN } from "../wire/grammar.ts";
import { markRefusal } from "./refusal.ts";

/** What a part is, such as `method` or `field-name`; or `wrong` and more. */
export interface Part {
  from: number;
  to: number;
  kind: string;
  /** Why it is wrong, or which field it belongs to. */
  note?: string;
  /** Which section is broken. */
  section?: string;
}

/** Dissects a request, or the answers to one: interim ones, and the final one. */
export function dissect(
  octets: Uint8Array,
  side: "request" | "response",
): Part[] {
  const text = decodeLatin1(octets);
  const dissection = new Dissection(text);
  if (side === "response") { while (dissection.response()); }
  else {
    dissection.request();
    markRefusal(text, dissection.parts);
  }
  return dissection.parts;
}

/** Empty lines before a request that the server skips (RFC 9112 §2.2). */
const mostEmptyLines = 8;
/** Parts that are told apart; who sends more does so on purpose. */
const mostParts = 4000;

/** A line: its text, and what ends it. */
interface Line {
  text: string;
  end: string;
}

class Dissection {
  readonly parts: Part[] = [];
  #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  request(): void {
    this.#emptyLines();
    this.#startLine((text) => this.#requestLine(text));
    this.#content(this.#fields());
  }

  /** @returns whether another response may follow. */
  response(): boolean {
    if (this.#rest === 0) return false;
    let status = "";
    this.#startLine((text) => status = this.#statusLine(text));
    const fields = this.#fields();
    if (/^1\d\d$/.test(status) && status !== "101") return this.#rest > 0;
    this.#content(fields, true);
    return false;
  }

  get #rest(): number {
    return this.#text.length - this.#at;
  }

  /** Takes so many characters as a part; nothing of none. */
  #take(
    length: number,
    kind: string,
    note?: string,
    section?: string,
  ): string {
    const from = this.#at;
    const to = Math.min(this.#text.length, from + length);
    if (to > from) {
      const about = { ...note && { note }, ...section && { section } };
      this.parts.push({ from, to, kind, ...about });
    }
    this.#at = to;
    return this.#text.slice(from, to);
  }

  /** What is left of a line, as something that breaks the grammar. */
  #wrong(text: string, note: string, section: string): void {
    this.#take(text.length, "wrong", note, section);
  }

  /** The line that comes next; without an end if it is not all there. */
  #line(): Line {
    const end = this.#text.indexOf("\n", this.#at);
    if (end < 0) return { text: this.#text.slice(this.#at), end: "" };
    const isWhole = this.#text[end - 1] === "\r" && end > this.#at;
    const text = this.#text.slice(this.#at, isWhole ? end - 1 : end);
    return { text, end: isWhole ? "\r\n" : "\n" };
  }

  #lineEnd({ end }: Line): void {
    if (end === "\n") {
      this.#wrong(
        end,
        "A line ends with CR and LF; a bare LF is refused",
        "RFC 9112 §2.2",
      );
    } else this.#take(end.length, "line-end");
  }

  /** RFC 9112 §2.2: a server should skip an empty line before a request. */
  #emptyLines(): void {
    for (let count = 0; count < mostEmptyLines; count++) {
      if (!this.#text.startsWith("\r\n", this.#at)) break;
      this.#take(2, "empty-line");
    }
  }

  #startLine(dissect: (text: string) => void): void {
    const line = this.#line();
    dissect(line.text);
    this.#lineEnd(line);
  }

  #requestLine(text: string): void {
    const [, method, first, target, second, version] =
      /^([^ ]*)( *)([^ ]*)( *)(.*)$/s.exec(text)!;
    if (TOKEN.test(method)) this.#take(method.length, "method");
    else {this.#wrong(
        method,
        "A method is letters, digits and a few signs",
        "RFC 9112 §3.1",
      );}
    this.#space(first);
    if (/^[!-~]*$/.test(target)) this.#take(target.length, "target");
    else {this.#wrong(
        target,
        "A target is visible ASCII alone",
        "RFC 9112 §3.2",
      );}
    this.#space(second);
    this.#version(version);
  }

  #statusLine(text: string): string {
    const [, version, first, status, second, reason] =
      /^([^ ]*)( ?)(\d{0,3})( ?)(.*)$/s.exec(text)!;
    this.#version(version);
    this.#space(first);
    this.#take(status.length, "status");
    this.#space(second);
    this.#take(reason.length, "reason");
    return status;
  }

  #space(text: string): void {
    if (text.length > 1) {
      this.#wrong(text, "One space parts them, no more", "RFC 9112 §3");
    } else this.#take(text.length, "space");
  }

  #version(text: string): void {
    if (/^HTTP\/\d\.\d$/.test(text)) this.#take(text.length, "version");
    else this.#wrong(text, "A version is written as HTTP/1.1", "RFC 9112 §2.3");
  }

  /** Up to and with the empty line that ends a section. */
  #fields(nameKind = "field-name"): Map<string, string> {
    const fields = new Map<string, string>();
    while (this.#rest > 0 && !this.#isTooMuch()) {
      const line = this.#line();
      if (line.text === "" && line.end) {
        if (line.end === "\n") this.#lineEnd(line);
        else this.#take(2, "section-end");
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
      this.#wrong(
        text,
        "A line may not begin with white space any more",
        "RFC 9112 §5.2",
      );
      return undefined;
    }
    const colon = text.indexOf(":");
    if (colon < 1) {
      this.#wrong(
        text,
        "A field line has a name, a colon and a value",
        "RFC 9112 §5",
      );
      return undefined;
    }
    const name = text.slice(0, colon);
    const key = name.toLowerCase();
    if (/[ \t]$/.test(name)) {
      this.#wrong(
        name,
        "No white space may stand before the colon",
        "RFC 9112 §5.1",
      );
    } else if (TOKEN.test(name)) this.#take(colon, nameKind, key);
    else {this.#wrong(
        name,
        "A field name is letters, digits and a few signs",
        "RFC 9112 §5",
      );}
    this.#take(1, "colon");
    const value = trimWhitespace(text.slice(colon + 1));
    const start = value === "" ? text.length : text.indexOf(value, colon + 1);
    this.#take(start - colon - 1, "whitespace");
    if (FIELD_VALUE.test(value)) {
      this.#take(value.length, "field-value", key);
    } else {this.#wrong(
        value,
        "A control character is not allowed in a value",
        "RFC 9112 §5",
      );}
    this.#take(text.length - start - value.length, "whitespace");
    return [key, value];
  }

  /** @returns whether the rest was taken as one part, which it then was. */
  #isTooMuch(): boolean {
    if (this.parts.length <= mostParts) return false;
    this.#take(this.#rest, "more");
    return true;
  }

  #content(fields: Map<string, string>, isResponse = false): void {
    const coding = fields.get("transfer-encoding");
    const length = fields.get("content-length");
    if (/(?:^|[ ,\t])chunked$/i.test(coding ?? "")) {
      this.#chunks();
    } else if (/^\d+$/.test(length ?? "")) {
      this.#take(Number(length), "content");
    } else if (isResponse) this.#take(this.#rest, "content");
    this.#take(this.#rest, "beyond");
  }

  #chunks(): void {
    while (this.#rest > 0) {
      if (this.#isTooMuch()) return;
      const line = this.#line();
      const [, size, extension] = /^([\da-f]*)(.*)$/is.exec(line.text)!;
      const length = parseInt(size, 16);
      this.#take(size.length, length === 0 ? "last-chunk" : "chunk-size");
      if (size === "" || extension !== "" && !/^[ \t]*;/.test(extension)) {
        this.#wrong(
          size + extension === "" ? line.end : extension,
          "A chunk begins with its size, in hexadecimal",
          "RFC 9112 §7.1",
        );
        if (size + extension !== "") this.#lineEnd(line);
        return;
      }
      this.#take(extension.length, "chunk-extension");
      this.#lineEnd(line);
      if (length === 0) {
        this.#fields("trailer-name");
        return;
      }
      this.#take(length, "chunk-data");
      const end = this.#text.slice(this.#at, this.#at + 2);
      if (!"\r\n".startsWith(end)) {
        return this.#wrong(
          end,
          "The chunk is longer than its size says",
          "RFC 9112 §7.1",
        );
      }
      this.#take(end.length, "line-end");
    }
  }
}
