/**
 * Runs the command, from its arguments to its exit code: by this process, or by
 * workers that it attends to.
 *
 * @module
 */

import project from "../../deno.json" with { type: "json" };
import { Health } from "../operations/health.ts";
import { attend } from "./attend.ts";
import { adviceOnExcess } from "./least_privilege.ts";
import { setLogLevel, StartError, tell, UsageError } from "./messages.ts";
import { loadTls, startAdminOf } from "./on_demand.ts";
import { openLog, openLogFile } from "./opened_log.ts";
import { helpText, type Options, parseOptions } from "./options.ts";
import { obtained } from "./permissions.ts";
import { opennessOf, rightsOf, serveUntilStopped } from "./serving.ts";
import type { Post } from "./worker.ts";

/** The first argument of a process that another one has started as a worker. */
const AS_WORKER = "as-worker";

/** The first argument of a command that makes a user. */
const PASSWD = "passwd";

/** The first argument of a command that makes a link. */
const LINK = "link";

/** Runs the command; fulfilled with its exit code. */
export async function run(args: string[]): Promise<number> {
  let post: Post | undefined;
  try {
    if (args[0] === PASSWD) return await printUser(args.slice(1));
    if (args[0] === LINK) return await signLink(args.slice(1));
    if (args[0] === AS_WORKER) post = await takePost();
    const options = parseOptions(post ? args.slice(1) : args);
    setLogLevel(options["log-level"]);
    const workers = workerCount(options);
    if (options.help) console.log(helpText(project.version));
    else if (options.version) console.log(`sluice ${project.version}`);
    else if (post || workers === 1) {
      await serveUntilStopped(options, args, post);
    } else await superviseUntilStopped(options, workers, args);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof StartError)) {
      throw error;
    }
    if (post) await post.fail(error.message, error.exitCode);
    else tell(error.message, "error");
    return error.exitCode;
  }
}

async function printUser(args: string[]): Promise<number> {
  const { passwd } = await import("./passwd.ts");
  await passwd(args);
  return 0;
}

async function signLink(args: string[]): Promise<number> {
  const { printLink } = await import("./link.ts");
  await printLink(args);
  return 0;
}

/** Loaded on demand: few starts are of a worker. */
async function takePost(): Promise<Post> {
  const { Post } = await import("./worker.ts");
  return await Post.take();
}

function workerCount({ workers }: Options): number {
  return workers === "auto" ? navigator.hardwareConcurrency : workers;
}

/** Serves by several processes; this one only attends to them. */
async function superviseUntilStopped(
  options: Options,
  count: number,
  args: string[],
): Promise<void> {
  const { Workers } = await import("./workers.ts");
  const logFile = await openLogFile(options);
  const log = openLog(options.log, logFile?.writable);
  const health = new Health();
  const tls = await loadTls(options);
  const workers = await Workers.start({
    options,
    count,
    args: [AS_WORKER, ...args],
    health,
    certificate: tls?.pair,
    log,
  });
  const admin = await startAdminOf(options, health, () => workers.scrape());
  const excess = await adviceOnExcess(args, obtained);
  // Only the workers read and write files, but for the log and the certificate.
  const path = tls?.hasFiles ? options.directory : undefined;
  await Deno.permissions.revoke({ name: "read", path });
  if (!logFile) await Deno.permissions.revoke({ name: "write" });
  await attend({
    options,
    server: workers,
    health,
    log,
    logFile,
    admin,
    excess,
    rights: rightsOf(options, workers.writeAdvice),
    openness: opennessOf(options, workers.writeAdvice),
    tls,
    renew: (pair) => workers.setCertificate(pair),
    workers: count,
    stopNow: () => workers.kill(),
    keptPermissions: ["run"],
  });
}
