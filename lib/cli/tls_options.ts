/**
 * The options of TLS: their values, and which others they cannot be combined
 * with. It reads no file.
 *
 * @module
 */

import { UsageError } from "./messages.ts";
import { parseCount, parseFile } from "./option_values.ts";

/** A number of seconds; undefined for `off`. */
function parseHsts(text: string): number | undefined {
  if (text === "off") return undefined;
  try {
    return parseCount(text, 0);
  } catch {
    throw new UsageError("write a whole number of seconds, or off");
  }
}

/** Those of them that have a value, as they are written. */
export const tlsOptions = {
  "tls-cert": {
    placeholder: "FILE",
    fallback: "off",
    meaning: "Speak HTTPS with the certificate chain in FILE",
    parse: parseFile,
  },
  "tls-key": {
    placeholder: "FILE",
    fallback: "off",
    meaning: "Its private key, read again at SIGHUP",
    parse: parseFile,
  },
  "hsts": {
    placeholder: "SECONDS",
    fallback: "off",
    meaning: "Tell browsers to use only HTTPS for SECONDS",
    parse: parseHsts,
  },
};

/** The options that say whether there is TLS, and by which certificate. */
export interface TlsOptions {
  "tls-cert"?: string;
  "tls-key"?: string;
  "tls-self-signed": boolean;
  hsts?: number;
}

/** Those that matter to each other. */
interface Combined extends TlsOptions {
  listen?: unknown;
  "proxy-protocol": boolean;
}

/** Whether the command speaks TLS. */
export function speaksTls(options: TlsOptions): boolean {
  return options["tls-cert"] !== undefined || options["tls-self-signed"];
}

/** Throws a UsageError for a half of what TLS needs, or where it cannot be. */
export function refuseHalfTls(options: Combined): void {
  const { "tls-cert": cert, "tls-key": key, hsts } = options;
  const isSelfSigned = options["tls-self-signed"];
  const name = isSelfSigned ? "--tls-self-signed" : "--tls-cert";
  const reasons: [string, string | false | undefined][] = [
    [
      "--tls-cert",
      cert !== undefined && key === undefined &&
      "it needs its private key, add --tls-key FILE",
    ],
    [
      "--tls-key",
      key !== undefined && cert === undefined &&
      "it needs its certificate, add --tls-cert FILE",
    ],
    [
      "--tls-self-signed",
      isSelfSigned && cert !== undefined &&
      "--tls-cert names a certificate, omit one of them",
    ],
    [
      name,
      speaksTls(options) && options.listen !== undefined &&
      "TLS is for a host and port, omit --listen",
    ],
    [
      name,
      speaksTls(options) && options["proxy-protocol"] &&
      "a PROXY header is not read in front of TLS, omit --proxy-protocol",
    ],
    [
      "--hsts",
      hsts !== undefined && !speaksTls(options) &&
      "browsers heed it over TLS only, add --tls-cert and --tls-key",
    ],
    [
      "--hsts",
      hsts !== undefined && isSelfSigned &&
      "with a certificate that nobody knows it would lock browsers out, " +
        "omit one of them",
    ],
  ];
  const wrong = reasons.find(([, why]) => why);
  if (wrong) throw new UsageError(`Cannot use ${wrong[0]}: ${wrong[1]}`);
}
