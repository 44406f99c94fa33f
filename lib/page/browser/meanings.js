// What methods, statuses and forms of a target mean, in a sentence, and where the
// RFCs say so.

/** @typedef {readonly [text: string, section: string]} Meaning */

/** @type {Record<string, Meaning>} */
export const methods = {
  "GET": ["Send a representation of the resource.", "RFC 9110 §9.3.1"],
  "HEAD": [
    "Send the head that GET would get, and no content.",
    "RFC 9110 §9.3.2",
  ],
  "POST": ["Do with the content what the resource is for.", "RFC 9110 §9.3.3"],
  "PUT": ["Let the content take the resource's place.", "RFC 9110 §9.3.4"],
  "DELETE": ["Remove the resource.", "RFC 9110 §9.3.5"],
  "CONNECT": ["Open a tunnel, as a proxy does.", "RFC 9110 §9.3.6"],
  "OPTIONS": ["Tell what can be done here.", "RFC 9110 §9.3.7"],
  "TRACE": ["Send back what has arrived.", "RFC 9110 §9.3.8"],
  "PATCH": ["Change the resource as the content says.", "RFC 5789 §2"],
};

/** By form. @type {Record<string, Meaning>} */
const forms = {
  "origin": [
    "In origin-form, a path and perhaps a query: Host names the server.",
    "RFC 9112 §3.2.1",
  ],
  "absolute": [
    "In absolute-form, the whole URI, as a proxy gets it: it goes before Host.",
    "RFC 9112 §3.2.2",
  ],
  "authority": [
    "In authority-form, a host and a port: for CONNECT alone.",
    "RFC 9112 §3.2.3",
  ],
  "asterisk": [
    "In asterisk-form, the server as a whole: for OPTIONS alone.",
    "RFC 9112 §3.2.4",
  ],
};

/**
 * By status; by its first digit for those without a sentence of their own.
 *
 * @type {Record<string, Meaning>}
 */
export const statuses = {
  "1": ["The final answer is still to come.", "RFC 9110 §15.2"],
  "100": ["Go on: the server wants the content.", "RFC 9110 §15.2.1"],
  "101": ["From here on another protocol is spoken.", "RFC 9110 §15.2.2"],
  "103": ["What to fetch while the answer is made.", "RFC 8297 §2"],
  "2": ["It worked.", "RFC 9110 §15.3"],
  "200": ["It worked, and here it is.", "RFC 9110 §15.3.1"],
  "201": ["Something new is there now.", "RFC 9110 §15.3.2"],
  "204": ["It worked, and there is nothing to send.", "RFC 9110 §15.3.5"],
  "206": ["Here are the parts that were asked for.", "RFC 9110 §15.3.7"],
  "3": ["Go on elsewhere, or with what you have.", "RFC 9110 §15.4"],
  "303": ["Look there, by GET.", "RFC 9110 §15.4.4"],
  "304": ["The client has this version already.", "RFC 9110 §15.4.5"],
  "307": ["Elsewhere for now, by the same method.", "RFC 9110 §15.4.8"],
  "308": ["Elsewhere for good, by the same method.", "RFC 9110 §15.4.9"],
  "4": ["Something is wrong with the request.", "RFC 9110 §15.5"],
  "400": ["This is not HTTP, or makes no sense.", "RFC 9110 §15.5.1"],
  "403": ["Understood, and refused.", "RFC 9110 §15.5.4"],
  "404": ["There is nothing here.", "RFC 9110 §15.5.5"],
  "405": ["Not by this method; Allow tells which.", "RFC 9110 §15.5.6"],
  "406": ["Not in any form that the client takes.", "RFC 9110 §15.5.7"],
  "408": ["The request came too slowly.", "RFC 9110 §15.5.9"],
  "409": ["It does not fit what is there.", "RFC 9110 §15.5.10"],
  "412": ["A condition of the request does not hold.", "RFC 9110 §15.5.13"],
  "413": ["More content than the server takes.", "RFC 9110 §15.5.14"],
  "414": ["The request target is too long.", "RFC 9110 §15.5.15"],
  "415": ["Not content of this type.", "RFC 9110 §15.5.16"],
  "416": ["No part of it lies in this range.", "RFC 9110 §15.5.17"],
  "417": ["The expectation cannot be met.", "RFC 9110 §15.5.18"],
  "421": ["Another server answers for this.", "RFC 9110 §15.5.20"],
  "431": ["The fields are too large.", "RFC 6585 §5"],
  "5": ["Something is wrong with the server.", "RFC 9110 §15.6"],
  "500": ["Something broke in the server.", "RFC 9110 §15.6.1"],
  "501": ["The server does not know how to do this.", "RFC 9110 §15.6.2"],
  "503": ["Not now; later it may work.", "RFC 9110 §15.6.4"],
  "505": ["Not in this version of HTTP.", "RFC 9110 §15.6.6"],
};

/**
 * What just this method, target or status means; undefined for what nobody knows.
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

/** @param {string} target one that is valid */
function formOf(target) {
  if (target === "*") return "asterisk";
  if (target.startsWith("/")) return "origin";
  return target.includes("://") ? "absolute" : "authority";
}
