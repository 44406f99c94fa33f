/**
 * Signs what a client is given and shows again, and verifies it: HMAC-SHA-256
 * (RFC 2104) as base64url. Nothing is kept, so a signature holds on every server
 * with the same key. It does not know what it signs.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";

const pattern = /^[\w-]{43}$/;

/** Tells the keys of now. The first one signs; all of them verify. */
export type KeySource = () => readonly Uint8Array[];

/** Signs for one purpose: what is signed for another does not hold. */
export class Signer {
  readonly #purpose: string;
  readonly #keys: KeySource;

  constructor(purpose: string, keys: KeySource) {
    this.#purpose = purpose;
    this.#keys = keys;
  }

  /** The signature of these parts, none of which may have a NUL. */
  sign(...parts: string[]): string {
    return this.#macOf(this.#keys()[0], parts).toString("base64url");
  }

  /** Whether a text is the signature of these parts, by any of the keys. */
  isSigned(signature: string, ...parts: string[]): boolean {
    if (!pattern.test(signature)) return false;
    const mac = Buffer.from(signature, "base64url");
    // The last character has two bits that belong to no octet.
    if (mac.toString("base64url") !== signature) return false;
    return this.#keys().some((key) =>
      timingSafeEqual(mac, this.#macOf(key, parts))
    );
  }

  #macOf(key: Uint8Array, parts: string[]): Buffer {
    return createHmac("sha256", key)
      .update([this.#purpose, ...parts].join("\0"))
      .digest();
  }
}
