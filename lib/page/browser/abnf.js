// The rule of the grammar for each kind of part, as the RFCs write it.

/** @typedef {readonly [rule: string, section: string]} Rule */

/** @type {Record<string, Rule>} */
const rules = {
  "empty-line": [
    "a server should ignore at least one empty line before a request",
    "RFC 9112 §2.2",
  ],
  "method": ["method = token = 1*tchar", "RFC 9112 §3.1"],
  "space": [
    "request-line = method SP request-target SP HTTP-version",
    "RFC 9112 §3",
  ],
  "target": [
    "request-target = origin-form / absolute-form / authority-form / asterisk-form",
    "RFC 9112 §3.2",
  ],
  "version": ['HTTP-version = HTTP-name "/" DIGIT "." DIGIT', "RFC 9112 §2.3"],
  "line-end": ["CRLF ends each line", "RFC 9112 §2.2"],
  "field-name": ["field-name = token = 1*tchar", "RFC 9110 §5.1"],
  "colon": ['field-line = field-name ":" OWS field-value OWS', "RFC 9112 §5"],
  "whitespace": ["OWS = *( SP / HTAB )", "RFC 9110 §5.6.3"],
  "field-value": [
    "field-value = *field-content; field-vchar = VCHAR / obs-text",
    "RFC 9110 §5.5",
  ],
  "section-end": [
    "HTTP-message = start-line CRLF *( field-line CRLF ) CRLF [ message-body ]",
    "RFC 9112 §2.1",
  ],
};

/**
 * The rule that a part of a head follows, or breaks.
 *
 * @param {{ kind: string, meant?: string }} part
 * @returns {Rule}
 */
export function ruleOf({ kind, meant }) {
  return rules[meant ?? kind] ?? rules["section-end"];
}
