/**
 * Finds the user whose name and password a client tells. Verified passwords are
 * remembered for minutes; guessing is slowed down by client and by name.
 *
 * It knows no path and no right.
 *
 * @module
 */

import { createHmac, randomBytes } from "node:crypto";
import { HttpError } from "../errors.ts";
import { GuessBrake } from "./guess_brake.ts";
import { PasswordVerifier } from "./password_hash.ts";
import type { User, Users } from "./users.ts";

/** What a client tells of itself. */
export interface Credentials {
  name: string;
  password: string;
}

/** How long (ms) a verified password is remembered. */
const REMEMBERED = 5 * 60_000;
/** How many are remembered. */
const MOST_REMEMBERED = 1000;

/** Wrong passwords of one client: at once, and then one in so many ms. */
const BY_CLIENT = { burst: 5, period: 6000 };
/** The same for one name, whoever guesses. */
const BY_NAME = { burst: 20, period: 3000 };

/** Octets of Basic credentials that are looked at. */
const MOST_CREDENTIALS = 2048;

/** Options of {@linkcode Logins}. */
export interface LoginsOptions {
  /** How many passwords are hashed at once. Default: half of the cores. */
  hashes?: number;
  /** Tells the time in milliseconds. Default: a clock that is never set. */
  now?(): number;
}

/** The logins of a server. */
export class Logins {
  #users: Users;
  /** Hashes for names that nobody has. */
  #decoys: readonly string[];
  readonly #verifier: PasswordVerifier;
  readonly #now: () => number;
  readonly #key = randomBytes(32);
  readonly #verified = new Map<string, { user: User; until: number }>();
  readonly #verifying = new Map<string, Promise<User | undefined>>();
  readonly #byClient: GuessBrake;
  readonly #byName: GuessBrake;

  constructor(users: Users, options: LoginsOptions = {}) {
    const { now = () => performance.now() } = options;
    const { hashes = Math.max(1, navigator.hardwareConcurrency >> 1) } =
      options;
    this.#users = users;
    this.#decoys = hashesOf(users);
    this.#now = now;
    this.#verifier = new PasswordVerifier(hashes);
    this.#byClient = new GuessBrake({ ...BY_CLIENT, now });
    this.#byName = new GuessBrake({ ...BY_NAME, now });
  }

  /** The users now; remembered passwords of others no longer count. */
  get users(): Users {
    return this.#users;
  }

  set users(users: Users) {
    this.#users = users;
    this.#decoys = hashesOf(users);
  }

  /**
   * The user, or undefined if the name or the password is wrong: which of them
   * is not told, nor by time. Rejects with an {@linkcode HttpError}: 429 after
   * too many wrong passwords, 503 while too many others log in.
   */
  find(
    { name, password }: Credentials,
    client: string,
  ): User | undefined | Promise<User | undefined> {
    const key = this.#keyOf(name, password);
    const known = this.#verified.get(key);
    if (known) {
      if (known.until > this.#now() && this.#isCurrent(known.user)) {
        return this.users.get(name);
      }
      this.#verified.delete(key);
    }
    const same = this.#verifying.get(key);
    if (same) return same;
    this.#refuseGuessing(name, client);
    const verifying = this.#verify({ name, password }, { client, key })
      .finally(() => this.#verifying.delete(key));
    this.#verifying.set(key, verifying);
    return verifying;
  }

  async #verify(
    { name, password }: Credentials,
    { client, key }: { client: string; key: string },
  ): Promise<User | undefined> {
    // Before the answer is known: otherwise many could be tried at once.
    const user = this.users.get(name);
    const guessed = user?.name ?? name;
    this.#byClient.count(client);
    this.#byName.count(guessed);
    const forgive = () => {
      this.#byClient.forgive(client);
      this.#byName.forgive(guessed);
    };
    const hash = user?.hash ?? this.#decoyFor(name);
    const isRight = await this.#verifier.verify(password, hash)
      .catch((error) => {
        forgive();
        throw error;
      });
    if (!isRight || !user || !this.#isCurrent(user)) return undefined;
    forgive();
    this.#remember(key, user);
    return this.users.get(name);
  }

  /**
   * A hash that takes as long as that of some user, the same one each time:
   * otherwise the time would tell who is a user.
   */
  #decoyFor(name: string): string {
    const digest = createHmac("sha256", this.#key).update(name).digest();
    return this.#decoys[digest.readUInt32LE() % this.#decoys.length];
  }

  /** Rights may have changed meanwhile, but not the password. */
  #isCurrent({ name, hash }: User): boolean {
    return this.users.get(name)?.hash === hash;
  }

  #remember(key: string, user: User): void {
    if (this.#verified.size >= MOST_REMEMBERED) {
      const [oldest] = this.#verified.keys();
      this.#verified.delete(oldest);
    }
    this.#verified.set(key, { user, until: this.#now() + REMEMBERED });
  }

  #refuseGuessing(name: string, client: string): void {
    // Of a user who may use any name, all of them are one.
    const guessed = this.users.get(name)?.name ?? name;
    const wait = Math.max(
      this.#byClient.wait(client),
      this.#byName.wait(guessed),
    );
    if (wait === 0) return;
    throw new HttpError(429, "Too many wrong passwords, try again later", {
      headers: { "retry-after": `${Math.ceil(wait / 1000)}` },
    });
  }

  /** Memory shall not hold passwords. */
  #keyOf(name: string, password: string): string {
    return createHmac("sha256", this.#key).update(`${name}:${password}`)
      .digest("base64");
  }
}

function hashesOf(users: Users): string[] {
  return [...users.values()].map(({ hash }) => hash);
}

/**
 * The name and password of an `Authorization` field (RFC 7617); undefined if it
 * has none. The text is UTF-8, as the challenge asks.
 */
export function parseBasic(field: string): Credentials | undefined {
  if (field.length > MOST_CREDENTIALS) return undefined;
  const [, encoded] = /^basic +([\w+/.~-]+=*)$/i.exec(field) ?? [];
  if (encoded === undefined) return undefined;
  try {
    const octets = Uint8Array.from(atob(encoded), (one) => one.charCodeAt(0));
    const text = new TextDecoder("utf-8", { fatal: true }).decode(octets);
    const colon = text.indexOf(":");
    if (colon < 0) return undefined;
    return { name: text.slice(0, colon), password: text.slice(colon + 1) };
  } catch {
    return undefined;
  }
}
