/**
 * Clients that write and read the same files over both machines, and see
 * whether each answer is one of the versions, whole.
 *
 * @module
 */
import { noise } from "../faults/server.ts";
import { isSame } from "../faults/traffic.ts";

/** Octets that say which version they are, so that a mixture shows. */
export function versionOf(seed: number): Uint8Array<ArrayBuffer> {
  const content = noise(1000 + seed * 7919 % 20_000, seed);
  new DataView(content.buffer).setUint32(0, seed);
  return content;
}

function isVersion(content: Uint8Array<ArrayBuffer>): boolean {
  if (content.length < 4) return false;
  const seed = new DataView(content.buffer).getUint32(0);
  return isSame(content, versionOf(seed));
}

/** Reads a file again and again. @returns how often each answer came. */
export async function readAgain(
  url: string,
  count: number,
): Promise<Record<string, number>> {
  const answers: Record<string, number> = {};
  for (let at = 0; at < count; at++) {
    const response = await fetch(url);
    const content = new Uint8Array(await response.arrayBuffer());
    const isWhole = !response.ok || isVersion(content);
    const key = `${response.status}${isWhole ? "" : ", mixed"}`;
    answers[key] = (answers[key] ?? 0) + 1;
  }
  return answers;
}

/** What came of a load. */
export interface Outcome {
  /** How many answers have had each status, by method. */
  statuses: Record<string, number>;
  /** Answers that were not one of the versions, whole. */
  mixed: number;
  /** Milliseconds of the slowest request. */
  slowest: number;
  /** Answers of each machine. */
  machines: Record<string, number>;
}

/** How much is asked for, and of what. */
export interface Load {
  requests: number;
  files: number;
  clients: number;
  /** Called before each request, with its number. */
  before?: (at: number) => void;
}

/** Writes and reads in turn, until all is asked for. */
export async function load(
  url: string,
  { requests, files, clients, before = () => {} }: Load,
): Promise<Outcome> {
  const outcome: Outcome = { statuses: {}, mixed: 0, slowest: 0, machines: {} };
  for (let at = 0; at < files; at++) {
    await (await write(`${url}${at}.bin`, at + 1)).body?.cancel();
  }
  let next = 0;
  await Promise.all(Array.from({ length: clients }, async () => {
    for (let at; (at = next++) < requests;) {
      before(at);
      // A file is written and read by several clients at once.
      const file = `${url}${(at >> 1) % files}.bin`;
      const start = performance.now();
      const isRead = at % 2 === 1;
      const response = isRead
        ? await fetch(file)
        : await write(file, files + at);
      const content = new Uint8Array(await response.arrayBuffer());
      outcome.slowest = Math.max(outcome.slowest, performance.now() - start);
      count(outcome.statuses, `${isRead ? "GET" : "PUT"} ${response.status}`);
      count(outcome.machines, response.headers.get("x-machine") ?? "one");
      if (isRead && response.ok && !isVersion(content)) outcome.mixed++;
    }
  }));
  return outcome;
}

async function write(url: string, seed: number): Promise<Response> {
  return await fetch(url, { method: "PUT", body: versionOf(seed) });
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
