/**
 * Signs who has logged in, for a cookie (RFC 6265), and finds the user of one.
 * Nothing is kept: what is signed holds on every server with the same key.
 *
 * value = base64url(name) "." expiry "." base64url(HMAC-SHA-256)
 *
 * The hash of the password is signed as well, so that another password ends all
 * logins with the one before.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { type KeySource, Signer } from "./signer.ts";
import type { User, Users } from "./users.ts";

/** The name of the cookie. */
const COOKIE = "sluice-login";

/**
 * Its name where TLS is told: browsers take one with this prefix from this very
 * host only (RFC 6265bis §4.1.3.2), so that no other host of the domain can log
 * somebody in as somebody else.
 */
const HOST_COOKIE = `__Host-${COOKIE}`;

/** The same below a path, which that prefix does not allow. */
const SECURE_COOKIE = `__Secure-${COOKIE}`;

/** Seconds for which a login holds. */
const LIFETIME = 7 * 24 * 60 * 60;

/** Octets of a Cookie field that are looked at. */
const MOST_COOKIES = 8192;

const pattern =
  /^(?<name>[\w-]{1,600})\.(?<expiry>\d{10,12})\.(?<mac>[\w-]{43})$/;

/** Logins by cookie. */
export class Sessions {
  readonly #signer: Signer;
  readonly #path: string;

  /**
   * @param keys The first one signs; all of them verify.
   * @param path The path below which browsers send the cookie.
   */
  constructor(keys: KeySource, path = "/") {
    this.#signer = new Signer("login", keys);
    this.#path = path;
  }

  /** The `Set-Cookie` field that logs in a user. */
  begin(user: User, url: string): string {
    const expiry = Math.floor(Date.now() / 1000) + LIFETIME;
    const mac = this.#signer.sign(user.name, `${expiry}`, user.hash);
    const name = Buffer.from(user.name).toString("base64url");
    return this.#cookie(`${name}.${expiry}.${mac}`, LIFETIME, url);
  }

  /** The `Set-Cookie` field that makes a browser forget its login. */
  end(url: string): string {
    return this.#cookie("", 0, url);
  }

  /**
   * The user whom a `Cookie` field tells; undefined if it proves none.
   *
   * @param url The URL of the request that has the field.
   */
  find(field: string | null, users: Users, url: string): User | undefined {
    const value = field === null
      ? undefined
      : valueOf(field, this.#nameFor(url));
    const parts = value === undefined ? undefined : pattern.exec(value)?.groups;
    if (!parts) return undefined;
    const user = users.get(Buffer.from(parts.name, "base64url").toString());
    if (!user || Number(parts.expiry) <= Date.now() / 1000) return undefined;
    const { name, hash } = user;
    return this.#signer.isSigned(parts.mac, name, parts.expiry, hash)
      ? user
      : undefined;
  }

  #cookie(value: string, age: number, url: string): string {
    const secure = isSecure(url) ? "; Secure" : "";
    return `${this.#nameFor(url)}=${value}; Path=${this.#path}; ` +
      `Max-Age=${age}; HttpOnly; SameSite=Lax${secure}`;
  }

  #nameFor(url: string): string {
    if (!isSecure(url)) return COOKIE;
    return this.#path === "/" ? HOST_COOKIE : SECURE_COOKIE;
  }
}

function isSecure(url: string): boolean {
  return url.startsWith("https:");
}

function valueOf(field: string, name: string): string | undefined {
  if (field.length > MOST_COOKIES) return undefined;
  const start = `${name}=`;
  const found = field.split(";").map((pair) => pair.trim())
    .find((pair) => pair.startsWith(start));
  return found?.slice(start.length);
}
