/**
 * Attends to what serves: tells a person where it is, heeds signals, and sees it
 * to its end. It does not know whether one process serves or several.
 *
 * @module
 */

import { deadline } from "@std/async/deadline";
import { isLoopback, ownAuthority } from "../authority.ts";
import type { Health } from "../operations/health.ts";
import type { HttpServer } from "../server/http_server.ts";
import type { CertificatePair } from "../server/secure_listener.ts";
import type { Xray } from "../xray/xray.ts";
import type { Access } from "./access.ts";
import type { AccessLog } from "./access_log.ts";
import { qrCode, urlsOnNetwork } from "./lan_addresses.ts";
import type { LogFile } from "./log_file.ts";
import {
  type LogLevel,
  messageOf,
  quoted,
  reasonOf,
  tell,
  tellInPassing,
} from "./messages.ts";
import type { OpenedAddress } from "./opened_address.ts";
import type { Options } from "./options.ts";
import { type Dropped, dropTheRest } from "./permissions.ts";
import { exitCodeOf, onSignal } from "./signals.ts";
import type { TlsCertificate } from "./tls_certificate.ts";

/** Milliseconds after a signal in which load balancers may learn of it. */
const DRAIN_DELAY = 5000;

/**
 * Milliseconds that the last lines and messages may take if no one reads them.
 */
const FLUSH_TIMEOUT = 1000;

/** What is at work, and all that has to end with it. */
export interface Service {
  options: Options;
  server: Pick<HttpServer<Deno.Addr>, "addr" | "finished" | "shutdown">;
  /** Where it listens, if that is no host and port of the options. */
  opened?: OpenedAddress;
  health: Health;
  log?: AccessLog;
  logFile?: LogFile;
  admin?: HttpServer;
  xray?: Xray;
  /** Who may do what, read again at SIGHUP. */
  access?: Access;
  /** The certificate, read again at SIGHUP. */
  tls?: TlsCertificate;
  /** Takes a certificate for connections to come; throws for a wrong one. */
  renew?(pair: CertificatePair): void;
  /** Whether clients may write to the directory, for a person. */
  rights: string;
  /** Learns where other machines find it, as a person is told. */
  onReachable?(urls: readonly string[]): void;
  /** What anybody on the network may do, if that should be said. */
  openness?: string;
  /** What to say of permissions beyond those that are needed. */
  excess?: string;
  /** How many workers serve, if it is not this process. */
  workers?: number;
  /** Called before the process ends at a second signal. */
  stopNow?(): void;
  /** Permissions that it needs for as long as it serves. */
  keptPermissions?: Dropped[];
}

/** Tells that it serves, and waits for its end or for a signal to end it. */
export async function attend(
  { options, server, health, admin, xray, rights, ...service }: Service,
): Promise<void> {
  const { log, logFile } = service;
  let told: Promise<unknown> | undefined;
  using _signals = onSignal({
    drain() {
      health.isReady = false;
      const isHasty = !health.isWatched || Deno.stdin.isTerminal();
      const delay = options["drain-delay"] ?? (isHasty ? 0 : DRAIN_DELAY);
      told = tellInPassing(stopping(delay));
      xray?.close();
      server.shutdown({ delay });
    },
    end(signal) {
      service.stopNow?.();
      Deno.exit(exitCodeOf[signal]);
    },
    async reload() {
      const { access, tls } = service;
      await access?.reload();
      if (tls?.hasFiles) await renewCertificate(tls, service.renew!);
      if (logFile || !access && !tls?.hasFiles) await reopen(logFile);
    },
  });
  const { prefix } = options;
  const scheme = service.tls ? "https" : "http";
  const url = urlOf(server, scheme) + below(prefix);
  const urls = (await urlsOnNetwork(server.addr, scheme))
    ?.map((url) => url + below(prefix));
  service.onReachable?.(urls ?? []);
  await dropTheRest(service.keptPermissions);
  tell(`Listening on ${service.opened?.name ?? url}`);
  tellReach(server, "listening");
  await tellNetwork(urls);
  tellFingerprint(service.tls);
  const by = service.workers ? ` by ${service.workers} workers` : "";
  tell(`Serving ${quoted(options.directory)}${by}, ${rights}`);
  if (service.openness && urls?.length !== 0) tell(service.openness, "warn");
  // A phone can open this one as well.
  const invitation = service.access?.invitation(urls?.[0] ?? url);
  if (invitation) tell(invitation);
  const what = options.learn ? "Lessons" : "X-ray";
  if (xray) tell(`${what}: ${new URL("xray", url)}`);
  if (admin) tellMetrics(admin);
  if (service.excess) tell(service.excess);
  await server.finished;
  // Until then it tells how the last requests go.
  await admin?.shutdown({ deadline: FLUSH_TIMEOUT });
  await writeOut([told, log?.flush()]);
}

/** Waits for the last lines and messages, but not for long. */
export async function writeOut(
  writing: (Promise<unknown> | undefined)[],
): Promise<void> {
  await deadline(Promise.all(writing), FLUSH_TIMEOUT).catch(() => {});
}

function stopping(delay: number): string {
  const rest = "finishing running requests, a second signal stops at once";
  if (delay === 0) return `Stopping: ${rest}`;
  const seconds = delay / 1000;
  return `Stopping in ${seconds} s, serving new requests until then: ${rest}`;
}

async function reopen(file: LogFile | undefined): Promise<void> {
  let outcome = file ? "the log file is opened again" : "no file to read again";
  let urgency: LogLevel = "info";
  try {
    await file?.reopen();
  } catch (error) {
    outcome = `the log stays in its file, ${messageOf(error)}`;
    urgency = "warn";
  }
  await tellInPassing(`SIGHUP: ${outcome}`, urgency);
}

/** Connections that are open go on; those to come get what the files have now. */
async function renewCertificate(
  tls: TlsCertificate,
  renew: (pair: CertificatePair) => void,
): Promise<void> {
  let outcome = "new connections get the certificate as it is now";
  let urgency: LogLevel = "info";
  try {
    renew(await tls.read());
  } catch (error) {
    outcome = `the certificate stays as it was: ${reasonOf(error)}`;
    urgency = "warn";
  }
  await tellInPassing(`SIGHUP: ${outcome}`, urgency);
}

/** Nobody vouches for a certificate that was made here. */
function tellFingerprint(tls: TlsCertificate | undefined): void {
  if (tls?.fingerprint === undefined) return;
  tell(
    "Browsers warn of this certificate. Its SHA-256 fingerprint, to compare: " +
      tls.fingerprint,
  );
}

/** Where other machines find it, and a phone by its camera. */
async function tellNetwork(urls: string[] | undefined): Promise<void> {
  if (!urls) {
    tell("Add --allow-sys=networkInterfaces to see its addresses here");
    return;
  }
  for (const url of urls) tell(`On the network: ${url}`);
  if (urls.length > 0 && Deno.stderr.isTerminal()) tell(await qrCode(urls[0]));
}

function tellMetrics(admin: Addressed) {
  tell(`Metrics: ${new URL("/-/metrics", urlOf(admin, "http"))}`);
  tellReach(admin, "metrics");
}

function tellReach({ addr }: Addressed, what: string) {
  if (!("hostname" in addr) || isLoopback(addr.hostname)) return;
  tell(`Reachable from the network: ${what} on ${addr.hostname}`, "warn");
}

type Addressed = Pick<HttpServer<Deno.Addr>, "addr">;

/** What follows the `/` of a server in the URL of its first page. */
function below(prefix: string): string {
  return prefix && `${prefix.slice(1)}/`;
}

function urlOf({ addr }: Addressed, scheme: string): string {
  return `${scheme}://${ownAuthority(addr)}/`;
}
