// What each part of a message means, in one sentence, and the section that says
// so.

import { meaningOf } from "./meanings.js";

/** @typedef {{ name: string, text: string, section: string }} Explanation */

/** @type {Record<string, Explanation>} */
const kinds = {
  "method": {
    name: "Method",
    text: "What the client wants done with the resource.",
    section: "RFC 9110 §9",
  },
  "space": {
    name: "Space",
    text: "One space separates the words of the first line.",
    section: "RFC 9112 §3",
  },
  "target": {
    name: "Request target",
    text: "The resource that is meant: usually the path and query of its URL.",
    section: "RFC 9112 §3.2",
  },
  "version": {
    name: "Version",
    text:
      "The version of HTTP that the sender speaks; it decides what the other side may use.",
    section: "RFC 9112 §2.3",
  },
  "status": {
    name: "Status code",
    text:
      "The result, in three digits; the first is its class: 1 in progress, 2 success, 3 redirection, 4 client error, 5 server error.",
    section: "RFC 9110 §15",
  },
  "reason": {
    name: "Reason phrase",
    text: "The status in words, for people; programs ignore it.",
    section: "RFC 9112 §4",
  },
  "line-end": {
    name: "Line end",
    text: "CR and LF, two octets, end each line.",
    section: "RFC 9112 §2.2",
  },
  "empty-line": {
    name: "Empty line",
    text: "A server skips an empty line before a request.",
    section: "RFC 9112 §2.2",
  },
  "field-name": {
    name: "Field name",
    text: "The name of a field, in any case.",
    section: "RFC 9110 §5.1",
  },
  "colon": {
    name: "Colon",
    text:
      "It ends the name. No whitespace may stand before it: servers could disagree about the name.",
    section: "RFC 9112 §5.1",
  },
  "whitespace": {
    name: "Whitespace",
    text: "Spaces around a value are not part of it.",
    section: "RFC 9112 §5.1",
  },
  "field-value": {
    name: "Field value",
    text: "The value of the field.",
    section: "RFC 9110 §5.5",
  },
  "section-end": {
    name: "End of the section",
    text:
      "An empty line ends the fields. What follows is content, or the next message.",
    section: "RFC 9112 §2.1",
  },
  "content": {
    name: "Content",
    text: "The octets that are transferred, as many as Content-Length says.",
    section: "RFC 9112 §6.2",
  },
  "chunk-size": {
    name: "Chunk size",
    text: "The number of octets in the chunk, in hexadecimal.",
    section: "RFC 9112 §7.1",
  },
  "chunk-extension": {
    name: "Chunk extension",
    text:
      "Extra information about the chunk; it is rarely used, and servers ignore it.",
    section: "RFC 9112 §7.1.1",
  },
  "chunk-data": {
    name: "Chunk",
    text: "A piece of the content, as long as its size says.",
    section: "RFC 9112 §7.1",
  },
  "last-chunk": {
    name: "Last chunk",
    text: "A chunk of size 0 ends the content; trailer fields may follow.",
    section: "RFC 9112 §7.1",
  },
  "trailer-name": {
    name: "Trailer field name",
    text:
      "A field sent after the content, because its value was not known before.",
    section: "RFC 9112 §7.1.2",
  },
  "more": {
    name: "More of the same",
    text: "There are too many parts to show each of them.",
    section: "RFC 9112 §7.1",
  },
  "beyond": {
    name: "Beyond the message",
    text:
      "The message has ended by its length: this belongs to the next one, or is excess.",
    section: "RFC 9112 §6.3",
  },
  "upgraded": {
    name: "Another protocol",
    text:
      "After 101 the connection speaks the protocol that Upgrade names: these octets are not HTTP.",
    section: "RFC 9110 §7.8",
  },
  "wrong": {
    name: "Not allowed",
    text: "This breaks the grammar.",
    section: "RFC 9112 §2.2",
  },
};

/** @type {Record<string, [text: string, section: string]>} */
const fields = {
  "accept": [
    "The media types that the client prefers, each with a weight.",
    "RFC 9110 §12.5.1",
  ],
  "accept-encoding": [
    "The content codings, such as gzip, that the client can decode.",
    "RFC 9110 §12.5.3",
  ],
  "accept-language": [
    "The languages that the user prefers.",
    "RFC 9110 §12.5.4",
  ],
  "accept-ranges": [
    "Whether parts of the resource can be requested.",
    "RFC 9110 §14.3",
  ],
  "allow": ["The methods that the resource supports.", "RFC 9110 §10.2.1"],
  "cache-control": ["What caches may do with the message.", "RFC 9111 §5.2"],
  "connection": [
    "Options for this connection only, such as closing it after the response.",
    "RFC 9110 §7.6.1",
  ],
  "content-encoding": [
    "The coding of the content, to be decoded before use.",
    "RFC 9110 §8.4",
  ],
  "content-length": [
    "The number of octets of content. Two different lengths would let an attacker smuggle a request.",
    "RFC 9110 §8.6",
  ],
  "content-range": [
    "The part of the whole that the content is.",
    "RFC 9110 §14.4",
  ],
  "content-security-policy": [
    "What the page may load and run.",
    "RFC 9110 §16.3",
  ],
  "content-type": ["The type of the content.", "RFC 9110 §8.3"],
  "cookie": [
    "Data that the server asked the browser to keep.",
    "RFC 6265 §5.4",
  ],
  "date": ["When the message was created.", "RFC 9110 §6.6.1"],
  "etag": ["A name for this version of the resource.", "RFC 9110 §8.8.3"],
  "expect": [
    "100-continue: the client waits for a go-ahead before it sends the content.",
    "RFC 9110 §10.1.1",
  ],
  "host": [
    "The site on this server that is meant. Every HTTP/1.1 request must have one.",
    "RFC 9110 §7.2",
  ],
  "if-match": [
    "Apply the method only if the current version is one of these.",
    "RFC 9110 §13.1.1",
  ],
  "if-modified-since": [
    "Send the resource only if it has changed since then.",
    "RFC 9110 §13.1.3",
  ],
  "if-none-match": [
    "Send the resource only if its version is none of these, which the client already has.",
    "RFC 9110 §13.1.2",
  ],
  "if-range": [
    "Send the part only if the version is this one, otherwise the whole.",
    "RFC 9110 §13.1.5",
  ],
  "last-modified": ["When the resource was last changed.", "RFC 9110 §8.8.2"],
  "link": [
    "Another resource, and its relation to this one.",
    "RFC 8288 §3",
  ],
  "location": ["The URL to go to, or of the new resource.", "RFC 9110 §10.2.2"],
  "origin": [
    "The site whose page made the browser send this request.",
    "RFC 6454 §7",
  ],
  "range": ["The octets of the resource that are requested.", "RFC 9110 §14.2"],
  "referer": ["The page that linked here.", "RFC 9110 §10.1.3"],
  "retry-after": ["When to try again.", "RFC 9110 §10.2.3"],
  "server": ["The server's software.", "RFC 9110 §10.2.4"],
  "te": [
    "The transfer codings that the client accepts, and whether it accepts trailer fields.",
    "RFC 9110 §10.1.4",
  ],
  "trailer": ["The fields that follow the content.", "RFC 9110 §6.6.2"],
  "transfer-encoding": [
    "How the content is sent on this connection: chunked carries its own lengths.",
    "RFC 9112 §6.1",
  ],
  "upgrade": [
    "Another protocol to switch to on this connection.",
    "RFC 9110 §7.8",
  ],
  "user-agent": ["The client's software.", "RFC 9110 §10.1.5"],
  "vary": [
    "The request fields that influenced this response.",
    "RFC 9110 §12.5.5",
  ],
};

/**
 * @param {{ kind: string, note?: string, section?: string }} part
 * @param {string} [written] the text of the part
 * @returns {Explanation}
 */
export function explain({ kind, note, section }, written = "") {
  const about = kinds[kind] ?? kinds.content;
  if (section) return { ...about, text: `${note}.`, section };
  const own = meaningOf(kind, written);
  if (own) {
    return { ...about, text: `${about.text} ${own[0]}`, section: own[1] };
  }
  if (note === undefined || !Object.hasOwn(fields, note)) return about;
  const [text, where] = fields[note];
  return { name: `${about.name}: ${note}`, text, section: where };
}

/**
 * @param {string} section such as `RFC 9112 §6.3`
 */
export function linkOf(section) {
  const [, number, part] = /^RFC (\d+) §(.+)$/.exec(section) ?? [];
  return `https://www.rfc-editor.org/rfc/rfc${number}#section-${part}`;
}
