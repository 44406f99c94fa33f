/**
 * The certificate of the command: from two files, which are read again at
 * SIGHUP, or made for this run.
 *
 * @module
 */

import type { CertificatePair } from "../server/secure_listener.ts";
import { settingsFor } from "../server/tls_engine.ts";
import { messageOf, quoted, StartError, tell } from "./messages.ts";
import { obtainFile, refuseServed } from "./named_file.ts";
import { flagFor } from "./permissions.ts";

/** A certificate that comes from files. */
interface Files {
  cert: string;
  key: string;
}

/** What a server is given to speak TLS. */
export class TlsCertificate {
  /** The certificate that was read or made last. */
  readonly pair: CertificatePair;
  /** What a person compares with what a browser shows; of files, undefined. */
  readonly fingerprint: string | undefined;
  readonly #files: Files | undefined;

  private constructor(
    pair: CertificatePair,
    { files, fingerprint }: { files?: Files; fingerprint?: string },
  ) {
    this.pair = pair;
    this.fingerprint = fingerprint;
    this.#files = files;
  }

  /**
   * Reads a certificate and its key; throws a StartError that says what to
   * change.
   */
  static async open(files: Files, directory: string): Promise<TlsCertificate> {
    await obtainFile("--tls-cert", files.cert);
    await obtainFile("--tls-key", files.key);
    const pair = await readPair(files);
    const served = await Deno.realPath(directory).catch(() => directory);
    await refuseServed("--tls-key", files.key, served);
    await warnOfReaders(files.key);
    return new TlsCertificate(pair, { files });
  }

  /** Makes one for the addresses of this machine. */
  static async make(host: string): Promise<TlsCertificate> {
    const { selfSigned } = await import("./self_signed.ts");
    const { pair, fingerprint } = await selfSigned(host);
    return new TlsCertificate(pair, { fingerprint });
  }

  /** Whether its files have to be read again. */
  get hasFiles(): boolean {
    return this.#files !== undefined;
  }

  /** What the files have now; of one that was made, the same as before. */
  async read(): Promise<CertificatePair> {
    return this.#files ? await readPair(this.#files) : this.pair;
  }
}

async function readPair(files: Files): Promise<CertificatePair> {
  const cert = await readFile("--tls-cert", files.cert);
  const key = await readFile("--tls-key", files.key);
  try {
    settingsFor(cert, key);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new StartError(
      `${cause.message}, name a pair with --tls-cert and --tls-key`,
      { cause },
    );
  }
  return { cert, key };
}

async function readFile(option: string, path: string): Promise<string> {
  try {
    const { isFile } = await Deno.stat(path);
    if (!isFile) throw new Error("it is not a file");
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new StartError(
      `Cannot use ${option}: ${quoted(path)}, ${await whyNotRead(error, path)}`,
      { cause: error },
    );
  }
}

async function whyNotRead(error: unknown, path: string): Promise<string> {
  if (error instanceof Deno.errors.NotFound) {
    return "there is no such file, choose another one";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "this user may not read it, change its owner or mode";
  }
  if (error instanceof Deno.errors.NotCapable) {
    const target = await Deno.realPath(path).catch(() => path);
    return `it is a link, add ${flagFor({ name: "read", path: target })}`;
  }
  return `${messageOf(error)}, choose another one`;
}

/** Read permission of a file, for those who are neither owner nor group. */
const READ_BY_OTHERS = 0o004;

async function warnOfReaders(path: string): Promise<void> {
  const { mode } = await Deno.stat(path);
  if (mode === null || (mode & READ_BY_OTHERS) === 0) return;
  tell(
    `Every user of this machine can read the key ${quoted(path)}, ` +
      "change its mode to 600",
    "warn",
  );
}
