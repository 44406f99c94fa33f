/**
 * The request target: what a request is for (RFC 9112 §3.2).
 *
 *     request-target = origin-form / absolute-form / authority-form /
 *                      asterisk-form
 *
 * In: the method, and the target's text. Out: which of the four forms it is.
 * It does not decode, normalize or look up anything.
 *
 * @module
 */
import { ProtocolError } from "../errors.ts";
import { isAuthority } from "./grammar.ts";

/** A request target, by form. `path` is the path and the query, if any. */
export type RequestTarget =
  | { form: "origin"; path: string }
  | { form: "absolute"; scheme: string; authority: string; path: string }
  | { form: "authority"; authority: string }
  | { form: "asterisk"; scheme?: string; authority?: string };

const SLASH = 0x2f;

const absoluteForm = /^([A-Za-z][-+.0-9A-Za-z]*):\/\/([^/?]*)(.*)$/s;

/** Tells the form of a target that is made of target octets only. */
export function parseRequestTarget(
  method: string,
  target: string,
): RequestTarget {
  if (method === "CONNECT") {
    // RFC 9112 §3.2.3: authority-form = uri-host ":" port
    if (!isAuthority(target) || !/:\d+$/.test(target)) throw badTarget();
    return { form: "authority", authority: target };
  }
  if (target.charCodeAt(0) === SLASH) {
    refuseBackslash(target);
    return { form: "origin", path: target };
  }
  if (target === "*") {
    // RFC 9112 §3.2.4: only for a server-wide OPTIONS
    if (method !== "OPTIONS") throw badTarget();
    return { form: "asterisk" };
  }
  return parseAbsoluteForm(method, target);
}

/** RFC 9112 §3.2.2: a server MUST accept it, though only proxies are sent it. */
function parseAbsoluteForm(method: string, target: string): RequestTarget {
  const match = absoluteForm.exec(target);
  if (!match) throw badTarget();
  const [, scheme, authority, rest] = match;
  // RFC 9110 §4.2.1: an empty host makes an http URI invalid; §4.2.4: so does
  // userinfo, which isAuthority does not know.
  if (!isAuthority(authority) || /^(?::|$)/.test(authority)) {
    throw badTarget();
  }
  refuseBackslash(rest);
  const origin = { scheme: scheme.toLowerCase(), authority };
  // RFC 9112 §3.2.4: what a proxy turns into "*" on its way to the server.
  if (rest === "" && method === "OPTIONS") {
    return { form: "asterisk", ...origin };
  }
  const path = rest.startsWith("/") ? rest : `/${rest}`;
  return { form: "absolute", ...origin, path };
}

/** URL parsers take `\` in a path for `/`; whoever checked it before did not. */
function refuseBackslash(path: string): void {
  const backslash = path.indexOf("\\");
  if (backslash === -1) return;
  const query = path.indexOf("?");
  if (query === -1 || backslash < query) throw badTarget();
}

function badTarget(): ProtocolError {
  return new ProtocolError(
    400,
    "The request target is invalid (RFC 9112 §3.2)",
  );
}
