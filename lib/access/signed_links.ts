/**
 * Signs links that read one file, or upload it, until a time and without a login.
 * Nothing is kept: a link holds on every server with the same key.
 *
 * query = "expires=" seconds "&signature=" base64url(HMAC-SHA-256)
 *
 * @module
 */

import type { Right } from "./rights.ts";
import { type KeySource, Signer } from "./signer.ts";

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
  readonly #signer: Signer;

  constructor(keys: KeySource) {
    this.#signer = new Signer("link", keys);
  }

  /**
   * The query of a link.
   *
   * @param expires When it ends, in seconds since 1970.
   */
  sign(grant: LinkGrant, expires: number): string {
    const signature = this.#signer.sign(...partsOf(grant, `${expires}`));
    return `expires=${expires}&signature=${signature}`;
  }

  /** Whether a link has not ended, and is one for this. */
  allows({ expires, signature }: Link, grant: LinkGrant): boolean {
    if (!expiresPattern.test(expires)) return false;
    if (Number(expires) <= Date.now() / 1000) return false;
    return this.#signer.isSigned(signature, ...partsOf(grant, expires));
  }
}

function partsOf({ right, names }: LinkGrant, expires: string): string[] {
  return [right, expires, names.join("/")];
}
