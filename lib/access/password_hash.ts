/**
 * Makes hashes of passwords by scrypt (RFC 7914), and verifies these and those
 * of bcrypt: off the event loop, few at once. Others wait, up to a number.
 *
 * One of scrypt is written as `$scrypt$ln=15,r=8,p=1$SALT$KEY`, base64 without
 * padding; `bcrypt.ts` says how one of bcrypt is.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { HttpError } from "../errors.ts";
import { Slots } from "../slots.ts";
import { BcryptThread, isBcrypt } from "./bcrypt.ts";

/** The cost of new hashes: 2^15, which takes 32 MiB and about 0.3 s. */
const LOG_COST = 15;
/** Costs that are accepted: more than 128 MiB would let a file harm the server. */
const LEAST_LOG_COST = 14;
const MOST_LOG_COST = 17;
const BLOCK_SIZE = 8;
const MOST_PARALLEL = 4;
const SALT_LENGTH = 16;
const KEY_LENGTH = 32;
const LEAST_LENGTH = 16;
const MOST_LENGTH = 64;

const pattern =
  /^\$scrypt\$ln=(?<cost>\d{1,2}),r=8,p=(?<parallel>\d)\$(?<salt>[A-Za-z\d+/]{1,90})\$(?<key>[A-Za-z\d+/]{1,90})$/;

/** A hash, taken apart. */
interface ParsedHash {
  cost: number;
  parallel: number;
  salt: Uint8Array;
  key: Uint8Array;
}

function parseHash(text: string): ParsedHash | undefined {
  const { cost, parallel, salt, key } = pattern.exec(text)?.groups ?? {};
  if (cost === undefined) return undefined;
  const hash = {
    cost: Number(cost),
    parallel: Number(parallel),
    salt: Buffer.from(salt, "base64"),
    key: Buffer.from(key, "base64"),
  };
  const isWithin = hash.cost >= LEAST_LOG_COST && hash.cost <= MOST_LOG_COST &&
    hash.parallel >= 1 && hash.parallel <= MOST_PARALLEL &&
    [hash.salt, hash.key].every(({ length }) =>
      length >= LEAST_LENGTH && length <= MOST_LENGTH
    );
  return isWithin ? hash : undefined;
}

/** Whether a text is a hash that can be verified. */
export function isHash(text: string): boolean {
  return parseHash(text) !== undefined || isBcrypt(text);
}

/** Hashes a password with a new salt. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_LENGTH);
  const options = { cost: LOG_COST, parallel: 1, salt };
  const key = await derive(password, { ...options, length: KEY_LENGTH });
  return `$scrypt$ln=${LOG_COST},r=${BLOCK_SIZE},p=1$${base64(salt)}$${
    base64(key)
  }`;
}

function base64(octets: Uint8Array): string {
  return Buffer.from(octets).toString("base64").replaceAll("=", "");
}

function derive(
  password: string,
  { cost, parallel, salt, length }: {
    cost: number;
    parallel: number;
    salt: Uint8Array;
    length: number;
  },
): Promise<Uint8Array> {
  const N = 2 ** cost;
  const settings = {
    N,
    r: BLOCK_SIZE,
    p: parallel,
    // Twice what it takes; the default is just too little.
    maxmem: 256 * N * BLOCK_SIZE,
  };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, settings, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}

/** How many hashes wait by default. */
const MOST_WAITING = 32;

/** Seconds after which a client may try again. */
const RETRY_AFTER = 2;

/** Verifies passwords, few at once. */
export class PasswordVerifier {
  readonly #slots: Slots;
  readonly #mostWaiting: number;
  readonly #bcrypt = new BcryptThread();
  /** The most that ever ran at once, for tests. */
  peak = 0;

  /**
   * @param most How many hashes are made at once; each keeps a core busy.
   * @param mostWaiting How many wait; more are refused with 503.
   */
  constructor(most: number, mostWaiting = MOST_WAITING) {
    this.#slots = new Slots(most);
    this.#mostWaiting = mostWaiting;
  }

  /**
   * Whether a password belongs to a hash. Rejects with an
   * {@linkcode HttpError} with 503 if too many others wait.
   */
  async verify(password: string, hash: string): Promise<boolean> {
    using _slot = await this.#enter();
    this.peak = Math.max(this.peak, this.#slots.taken);
    const parsed = parseHash(hash);
    if (!parsed) return await this.#bcrypt.verify(password, hash);
    const { length } = parsed.key;
    const key = await derive(password, { ...parsed, length });
    return timingSafeEqual(key, parsed.key);
  }

  async #enter(): Promise<Disposable> {
    const free = this.#slots.takeFree();
    if (free) return free;
    if (this.#slots.waiting < this.#mostWaiting) {
      return await this.#slots.take();
    }
    throw new HttpError(503, "Too many logins at once, try again later", {
      headers: { "retry-after": `${RETRY_AFTER}` },
    });
  }
}
