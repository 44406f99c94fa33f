/**
 * Parts of the command that few starts need. Each is loaded when an option asks
 * for it, so that no other start waits for its code.
 *
 * @module
 */

import project from "../../deno.json" with { type: "json" };
import { type Health, healthPaths } from "../operations/health.ts";
import type { HttpServer } from "../server/http_server.ts";
import type { Access } from "./access.ts";
import { quoted, UsageError } from "./messages.ts";
import type { OpenedAddress } from "./opened_address.ts";
import type { Options } from "./options.ts";
import type { RequestIds } from "./request_ids.ts";
import type { TlsCertificate } from "./tls_certificate.ts";
import { speaksTls } from "./tls_options.ts";

/** What `--listen` opens; undefined where it is a host and port. */
export async function openElsewhere(
  { listen }: Options,
  directory: string,
): Promise<OpenedAddress | undefined> {
  if (!listen) return undefined;
  const { openAddress } = await import("./opened_address.ts");
  return await openAddress(listen, directory);
}

/** Whether an address is a proxy that `--trust-proxy` names. */
export async function loadTrust(
  { "trust-proxy": ranges }: Options,
): Promise<((hostname: string) => boolean) | undefined> {
  if (ranges.length === 0) return undefined;
  const { trustedProxies } = await import("../operations/trusted_proxies.ts");
  try {
    return trustedProxies(ranges);
  } catch {
    throw new UsageError(
      `Cannot use --trust-proxy: got ${quoted(ranges.join(", "))}, write IP ` +
        "addresses or ranges such as 10.0.0.0/8, or unix:",
    );
  }
}

/** The counts that `--admin` shows. */
export async function loadMetrics(
  { admin, site, spa }: Options,
  patterns: readonly string[],
) {
  if (!admin) return undefined;
  const { Metrics, scrapeOf } = await import("./admin.ts");
  const counts = new Metrics({
    patterns: [...healthPaths, ...patterns],
    fallback: site || spa ? "site" : "other",
    version: project.version,
  });
  const ofServer = (server: HttpServer<Deno.Addr>) => scrapeOf(counts, server);
  return { counts, scrapeOf: ofServer };
}

/** Starts the server of `--admin`. */
export async function startAdminOf(
  { admin }: Options,
  health: Health,
  scrape: () => Promise<string>,
): Promise<HttpServer | undefined> {
  if (!admin) return undefined;
  const { startAdmin } = await import("./admin.ts");
  return await startAdmin(admin, { health, scrape });
}

/** The ids of `--request-id`. */
export async function loadRequestIds(
  { "request-id": isWanted }: Options,
  isTrusted: ((hostname: string) => boolean) | undefined,
): Promise<RequestIds | undefined> {
  if (!isWanted) return undefined;
  const { RequestIds } = await import("./request_ids.ts");
  return new RequestIds(isTrusted);
}

/** Who may do what, by `--auth` or `--password`. */
export async function loadAccess(
  options: Options,
  directory: string,
): Promise<Access | undefined> {
  const { auth, password, prefix } = options;
  if (auth === undefined && !password) return undefined;
  const { Access } = await import("./access.ts");
  const settings = {
    directory,
    prefix,
    isPublic: options["public-read"],
    keyFile: options["key-file"],
  };
  return auth === undefined
    ? await Access.byPassword(settings)
    : await Access.open(auth, settings);
}

/** The certificate of `--tls-cert` or `--tls-self-signed`. */
export async function loadTls(
  options: Options,
): Promise<TlsCertificate | undefined> {
  if (!speaksTls(options)) return undefined;
  const { TlsCertificate } = await import("./tls_certificate.ts");
  const { "tls-cert": cert, "tls-key": key, directory, host } = options;
  return cert === undefined || key === undefined
    ? await TlsCertificate.make(host)
    : await TlsCertificate.open({ cert, key }, directory);
}

/** Adds what `--hsts` tells browsers. */
export async function loadHsts({ hsts }: Options) {
  if (hsts === undefined) return undefined;
  const { withHsts } = await import("./hsts.ts");
  return (answering: Parameters<typeof withHsts>[0]) =>
    withHsts(answering, hsts);
}

/** The fields that `--header` and `--cors` set. */
export async function loadFields({ header, cors, prefix }: Options) {
  return {
    fields: header.length > 0
      ? new (await import("./answer_fields.ts")).AnswerFields(header, prefix)
      : undefined,
    cors: cors.length > 0
      ? new (await import("./cross_origin.ts")).CrossOrigin(cors)
      : undefined,
  };
}

/**
 * What `--xray` shows, what sends the requests that a person types, and what
 * judges them with `--learn`.
 */
export async function loadXray({ xray, learn }: Options) {
  if (!xray) return undefined;
  const [{ Xray }, { TypedRequests }, lessons] = await Promise.all([
    import("../xray/xray.ts"),
    import("./typed_requests.ts"),
    learn ? import("../xray/lessons/teacher.ts") : undefined,
  ]);
  return { Xray, TypedRequests, Teacher: lessons?.Teacher };
}

/** Makes the folder that lessons of `--learn` store files in. */
export async function prepareLessons(
  { learn, directory }: Options,
): Promise<void> {
  if (!learn) return;
  const { prepareFolder } = await import("./lessons_folder.ts");
  await prepareFolder(directory);
}
