// What each part of a message is, in a sentence, and where the RFCs say so.

import { meaningOf } from "./meanings.js";

/** @typedef {{ name: string, text: string, section: string }} Explanation */

/** @type {Record<string, Explanation>} */
const kinds = {
  "method": {
    name: "Method",
    text: "What the client wants to be done with the resource.",
    section: "RFC 9110 §9",
  },
  "space": {
    name: "Space",
    text: "One space parts the three words of the first line.",
    section: "RFC 9112 §3",
  },
  "target": {
    name: "Request target",
    text: "Which resource is meant: most often the path and query of its URL.",
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
      "How it went, in three digits; the first tells the class: 1 on the way, 2 done, 3 elsewhere, 4 the client erred, 5 the server failed.",
    section: "RFC 9110 §15",
  },
  "reason": {
    name: "Reason phrase",
    text: "The status in words, for people; a program ignores it.",
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
      "It ends the name. Nothing may stand before it: what one server takes for a name, another might not.",
    section: "RFC 9112 §5.1",
  },
  "whitespace": {
    name: "White space",
    text: "Spaces around a value do not belong to it.",
    section: "RFC 9112 §5.1",
  },
  "field-value": {
    name: "Field value",
    text: "What the field says.",
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
    text: "What is transferred, as many octets as Content-Length says.",
    section: "RFC 9112 §6.2",
  },
  "chunk-size": {
    name: "Chunk size",
    text: "How many octets the chunk has, in hexadecimal.",
    section: "RFC 9112 §7.1",
  },
  "chunk-extension": {
    name: "Chunk extension",
    text:
      "More about the chunk; hardly anybody uses it, and a server ignores it.",
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
    text: "A field that comes after the content, as it was not known before.",
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
      "By its length the message is over: this belongs to the next one, or is too much.",
    section: "RFC 9112 §6.3",
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
    "Which media types the client prefers, each with a weight.",
    "RFC 9110 §12.5.1",
  ],
  "accept-encoding": [
    "Which content codings, such as gzip, the client can undo.",
    "RFC 9110 §12.5.3",
  ],
  "accept-language": [
    "Which languages the person prefers.",
    "RFC 9110 §12.5.4",
  ],
  "accept-ranges": [
    "Whether parts of the resource can be asked for.",
    "RFC 9110 §14.3",
  ],
  "allow": ["Which methods the resource takes.", "RFC 9110 §10.2.1"],
  "cache-control": ["What caches may do with the message.", "RFC 9111 §5.2"],
  "connection": [
    "What holds for this connection alone, such as that it ends after the answer.",
    "RFC 9110 §7.6.1",
  ],
  "content-encoding": [
    "The coding that the content has, to be undone before it is used.",
    "RFC 9110 §8.4",
  ],
  "content-length": [
    "How many octets of content follow. Two of them that differ would let an attacker smuggle a request.",
    "RFC 9110 §8.6",
  ],
  "content-range": [
    "Which part of the whole the content is.",
    "RFC 9110 §14.4",
  ],
  "content-security-policy": [
    "What the page may load and run.",
    "RFC 9110 §16.3",
  ],
  "content-type": ["What kind of data the content is.", "RFC 9110 §8.3"],
  "cookie": [
    "What the server has asked the browser to remember.",
    "RFC 6265 §5.4",
  ],
  "date": ["When the message was made.", "RFC 9110 §6.6.1"],
  "etag": ["A name of this very version of the resource.", "RFC 9110 §8.8.3"],
  "expect": [
    "100-continue: the client waits for a word before it sends the content.",
    "RFC 9110 §10.1.1",
  ],
  "host": [
    "Which of the sites on this server is meant. Every request of HTTP/1.1 must have one.",
    "RFC 9110 §7.2",
  ],
  "if-match": [
    "Do it only if the version is still one of these.",
    "RFC 9110 §13.1.1",
  ],
  "if-modified-since": [
    "Send it only if it has changed since then.",
    "RFC 9110 §13.1.3",
  ],
  "if-none-match": [
    "Send it only if the version is none of these, which the client has already.",
    "RFC 9110 §13.1.2",
  ],
  "if-range": [
    "Send the part only if the version is this one, else the whole.",
    "RFC 9110 §13.1.5",
  ],
  "last-modified": ["When the resource was changed last.", "RFC 9110 §8.8.2"],
  "link": [
    "Another resource, and how it is related to this one.",
    "RFC 8288 §3",
  ],
  "location": ["Where to go, or where what was made is.", "RFC 9110 §10.2.2"],
  "origin": ["The site whose page made the browser send this.", "RFC 6454 §7"],
  "range": ["Which octets of the resource are wanted.", "RFC 9110 §14.2"],
  "referer": ["The page that led here.", "RFC 9110 §10.1.3"],
  "retry-after": ["When to try again.", "RFC 9110 §10.2.3"],
  "server": ["The software that answers.", "RFC 9110 §10.2.4"],
  "te": [
    "Which transfer codings, and whether trailer fields, the client takes.",
    "RFC 9110 §10.1.4",
  ],
  "trailer": ["Which fields will come after the content.", "RFC 9110 §6.6.2"],
  "transfer-encoding": [
    "How the content is packed for this connection: chunked brings its own lengths.",
    "RFC 9112 §6.1",
  ],
  "upgrade": [
    "Another protocol to go on with on this connection.",
    "RFC 9110 §7.8",
  ],
  "user-agent": ["The software that asks.", "RFC 9110 §10.1.5"],
  "vary": [
    "Which fields of the request had a say in this answer.",
    "RFC 9110 §12.5.5",
  ],
};

/**
 * @param {{ kind: string, note?: string, section?: string }} part
 * @param {string} [written] the part itself
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
