// What methods, statuses and forms of a target mean, in one sentence, and the
// section that says so.

/** @typedef {readonly [text: string, section: string]} Meaning */

/** @type {Record<string, Meaning>} */
export const methods = {
  "GET": ["Send a representation of the resource.", "RFC 9110 §9.3.1"],
  "HEAD": [
    "Send the headers that GET would get, without content.",
    "RFC 9110 §9.3.2",
  ],
  "POST": [
    "Process the content in the way of this resource.",
    "RFC 9110 §9.3.3",
  ],
  "PUT": ["Replace the resource with the content.", "RFC 9110 §9.3.4"],
  "DELETE": ["Remove the resource.", "RFC 9110 §9.3.5"],
  "CONNECT": ["Open a tunnel, as a proxy does.", "RFC 9110 §9.3.6"],
  "OPTIONS": [
    "List the methods and options of the resource.",
    "RFC 9110 §9.3.7",
  ],
  "TRACE": ["Send the request back as it arrived.", "RFC 9110 §9.3.8"],
  "PATCH": ["Change the resource as the content says.", "RFC 5789 §2"],
  "MKCOL": ["Create a directory.", "RFC 4918 §9.3"],
  "MOVE": [
    "Give the resource the URL that Destination names.",
    "RFC 4918 §9.9",
  ],
};

/** By form. @type {Record<string, Meaning>} */
const forms = {
  "origin": [
    "In origin-form, a path and an optional query: Host names the server.",
    "RFC 9112 §3.2.1",
  ],
  "absolute": [
    "In absolute-form, the whole URI, as sent to a proxy: it overrides Host.",
    "RFC 9112 §3.2.2",
  ],
  "authority": [
    "In authority-form, a host and a port: only for CONNECT.",
    "RFC 9112 §3.2.3",
  ],
  "asterisk": [
    "In asterisk-form, the server as a whole: only for OPTIONS.",
    "RFC 9112 §3.2.4",
  ],
};

/**
 * By status; others by their first digit.
 *
 * @type {Record<string, Meaning>}
 */
export const statuses = {
  "1": ["The final response is still to come.", "RFC 9110 §15.2"],
  "100": ["Go on: the server wants the content.", "RFC 9110 §15.2.1"],
  "101": ["The connection switches to another protocol.", "RFC 9110 §15.2.2"],
  "103": ["Resources to fetch while the response is prepared.", "RFC 8297 §2"],
  "2": ["The request succeeded.", "RFC 9110 §15.3"],
  "200": ["The request succeeded, and this is the result.", "RFC 9110 §15.3.1"],
  "201": ["A new resource was created.", "RFC 9110 §15.3.2"],
  "204": [
    "The request succeeded, and there is no content to send.",
    "RFC 9110 §15.3.5",
  ],
  "206": ["These are the requested parts.", "RFC 9110 §15.3.7"],
  "3": ["Continue at another URL, or with a stored copy.", "RFC 9110 §15.4"],
  "303": ["See another URL, with GET.", "RFC 9110 §15.4.4"],
  "304": ["The client already has this version.", "RFC 9110 §15.4.5"],
  "307": [
    "Temporarily at another URL, with the same method.",
    "RFC 9110 §15.4.8",
  ],
  "308": [
    "Permanently at another URL, with the same method.",
    "RFC 9110 §15.4.9",
  ],
  "4": ["Something is wrong with the request.", "RFC 9110 §15.5"],
  "400": ["The server cannot understand the request.", "RFC 9110 §15.5.1"],
  "403": [
    "The server understood the request, and refuses it.",
    "RFC 9110 §15.5.4",
  ],
  "404": ["There is nothing here.", "RFC 9110 §15.5.5"],
  "405": [
    "The resource does not support this method; Allow lists the others.",
    "RFC 9110 §15.5.6",
  ],
  "406": ["No form that the client accepts is available.", "RFC 9110 §15.5.7"],
  "408": ["The request arrived too slowly.", "RFC 9110 §15.5.9"],
  "409": ["The request conflicts with the current state.", "RFC 9110 §15.5.10"],
  "412": ["A precondition of the request is false.", "RFC 9110 §15.5.13"],
  "413": [
    "The content is larger than the server accepts.",
    "RFC 9110 §15.5.14",
  ],
  "414": ["The request target is too long.", "RFC 9110 §15.5.15"],
  "415": [
    "The server does not accept content of this type.",
    "RFC 9110 §15.5.16",
  ],
  "416": ["The range is outside the resource.", "RFC 9110 §15.5.17"],
  "417": ["The expectation cannot be met.", "RFC 9110 §15.5.18"],
  "421": ["This server does not answer for that host.", "RFC 9110 §15.5.20"],
  "431": ["The fields are too large.", "RFC 6585 §5"],
  "5": ["The server failed.", "RFC 9110 §15.6"],
  "500": ["The server met an unexpected error.", "RFC 9110 §15.6.1"],
  "501": ["The server does not support this.", "RFC 9110 §15.6.2"],
  "503": ["The server cannot answer now; try again later.", "RFC 9110 §15.6.4"],
  "505": [
    "The server does not support this version of HTTP.",
    "RFC 9110 §15.6.6",
  ],
};

/**
 * What this method, target or status means; undefined if unknown.
 *
 * @param {string} kind
 * @param {string} text
 * @returns {Meaning | undefined}
 */
export function meaningOf(kind, text) {
  if (kind === "target") return forms[formOf(text)];
  if (kind === "method") return own(methods, text);
  if (kind === "status") return own(statuses, text) ?? own(statuses, text[0]);
  return undefined;
}

/**
 * @param {Record<string, Meaning>} table
 * @param {string} key
 */
function own(table, key) {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** @param {string} target a valid one */
function formOf(target) {
  if (target === "*") return "asterisk";
  if (target.startsWith("/")) return "origin";
  return target.includes("://") ? "absolute" : "authority";
}
