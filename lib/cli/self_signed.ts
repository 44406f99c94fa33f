/**
 * Makes a certificate for this run, which no browser knows: for a network of
 * one's own, where its fingerprint is compared by eye.
 *
 * In: the host to listen on. Out: a certificate for this machine's names and
 * addresses, its key, and the fingerprint.
 *
 * @module
 */

import { generateKeyPair, randomBytes, X509Certificate } from "node:crypto";
import { promisify } from "node:util";
import forge from "node-forge";
import { isEveryAddress } from "../authority.ts";
import type { CertificatePair } from "../server/secure_listener.ts";
import { hostsOnNetwork } from "./lan_addresses.ts";

/** Octets of a serial number: RFC 5280 §4.1.2.2 allows 20. */
const SERIAL_LENGTH = 16;

const DAY = 24 * 60 * 60 * 1000;

/** A clock that is behind must not find it too new. */
const BEFORE = DAY;

/** Longer than most runs; phones accept up to 825 days. */
const AFTER = 365 * DAY;

/** Of GeneralName (RFC 5280 §4.2.1.6). */
const DNS_NAME = 2;
const IP_ADDRESS = 7;

/** A certificate that was made, and what a person compares. */
export interface SelfSigned {
  pair: CertificatePair;
  /** SHA-256, as browsers show it: octets in hexadecimal, with colons. */
  fingerprint: string;
}

/** Makes one, with a key of its own. */
export async function selfSigned(host: string): Promise<SelfSigned> {
  // The key is Deno's: one made by the library would take seconds.
  const { privateKey: key } = await promisify(generateKeyPair)("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const cert = certify(key, await namesFor(host));
  const { fingerprint256: fingerprint } = new X509Certificate(cert);
  return { pair: { cert, key }, fingerprint };
}

/** The names and addresses by which clients may call this machine. */
async function namesFor(host: string): Promise<string[]> {
  const own = isEveryAddress({ hostname: host })
    ? await hostsOnNetwork(host) ?? []
    : [host];
  return [...new Set(["localhost", "127.0.0.1", "::1", ...own])];
}

function certify(key: string, names: string[]): string {
  const { pki, md } = forge;
  const privateKey = pki.privateKeyFromPem(key);
  const certificate = pki.createCertificate();
  certificate.publicKey = pki.setRsaPublicKey(privateKey.n, privateKey.e);
  certificate.serialNumber = serialNumber();
  certificate.validity.notBefore = new Date(Date.now() - BEFORE);
  certificate.validity.notAfter = new Date(Date.now() + AFTER);
  const subject = [{ name: "commonName", value: "Sluice" }];
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  certificate.setExtensions([
    { name: "basicConstraints", cA: false, critical: true },
    { name: "keyUsage", digitalSignature: true, critical: true },
    { name: "extKeyUsage", serverAuth: true },
    { name: "subjectAltName", altNames: names.map(generalName) },
  ]);
  certificate.sign(privateKey, md.sha256.create());
  return pki.certificateToPem(certificate);
}

/** Its first octet makes it positive, and is not zero. */
function serialNumber(): string {
  const octets = randomBytes(SERIAL_LENGTH);
  octets[0] = octets[0] & 0x7f | 0x40;
  return octets.toString("hex");
}

function generalName(name: string) {
  const isAddress = name.includes(":") || /^\d+\.\d+\.\d+\.\d+$/.test(name);
  return isAddress
    ? { type: IP_ADDRESS, ip: name }
    : { type: DNS_NAME, value: name };
}
