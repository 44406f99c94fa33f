/**
 * Signs links that read one file, or upload it, until a time and without a login.
 * Nothing is kept: a link holds on every server with the same key.
 *
 * query = "expires=" seconds "&signature=" base64url(HMAC-SHA-256)
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Right } from "./rights.ts";

/** What a link allows. */
export interface LinkGrant {
  right: Right;
  /** The names of the file's path. */
  names: readonly string[];
}

/** What the query of a link says, before it is verified. */
export interface Link {
  expires: string;
  signature: string;
}

const expiresPattern = /^\d{10,12}$/;
const signaturePattern = /^[\w-]{43}$/;

/** The link in a URL; undefined if its query has no signature. */
export function linkOf(url: string): Link | undefined {
  if (!url.includes("signature=")) return undefined;
  const query = new URL(url).searchParams;
  const signature = query.get("signature");
  if (signature === null) return undefined;
  return { signature, expires: query.get("expires") ?? "" };
}

/** Links by the keys of a server. */
export class SignedLinks {
  readonly #keys: readonly Uint8Array[];

  /** @param keys The first one signs; all of them verify. */
  constructor(keys: readonly Uint8Array[]) {
    this.#keys = keys;
  }

  /**
   * The query of a link.
   *
   * @param expires When it ends, in seconds since 1970.
   */
  sign(grant: LinkGrant, expires: number): string {
    const signature = macOf(this.#keys[0], grant, `${expires}`);
    return `expires=${expires}&signature=${signature.toString("base64url")}`;
  }

  /** Whether a link has not ended, and is one for this. */
  allows({ expires, signature }: Link, grant: LinkGrant): boolean {
    if (!expiresPattern.test(expires)) return false;
    if (!signaturePattern.test(signature)) return false;
    if (Number(expires) <= Date.now() / 1000) return false;
    const mac = Buffer.from(signature, "base64url");
    // The last character has two bits that belong to no octet.
    if (mac.toString("base64url") !== signature) return false;
    return this.#keys.some((key) =>
      timingSafeEqual(mac, macOf(key, grant, expires))
    );
  }
}

function macOf(
  key: Uint8Array,
  { right, names }: LinkGrant,
  expires: string,
): Buffer {
  return createHmac("sha256", key)
    .update(["link", right, expires, names.join("/")].join("\0"))
    .digest();
}
