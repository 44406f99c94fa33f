/**
 * Clients that are slow on purpose: the four kinds that `slowhttptest` knows, and
 * those that connect without a word.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";

/** What to attack, with what, and for how long. */
export interface Attack {
  /** An `http:` URL. */
  url: string;
  connections: number;
  seconds: number;
}

/** The arguments of `slowhttptest`, but for those that each kind has. */
const kinds = {
  "slow heads": ["-H", "-i", "5", "-x", "24"],
  "slow content": ["-B", "-i", "5", "-x", "10", "-s", "1000000"],
  "overlapping ranges": ["-R", "-t", "GET", "-a", "10", "-b", "3000"],
  "slow readers": ["-X", "-w", "512", "-y", "1024", "-n", "5", "-z", "32"],
} as const;

/** The name of a kind of attack. */
export type Kind = keyof typeof kinds | "silence";

/** Each kind there is. */
export const allKinds: readonly Kind[] = [
  ...Object.keys(kinds) as (keyof typeof kinds)[],
  "silence",
];

/** Whether the tool is here. */
export async function hasSlowHttpTest(): Promise<boolean> {
  const { success } = await new Deno.Command("sh", {
    args: ["-c", "command -v slowhttptest"],
    stdout: "null",
  }).output();
  return success;
}

const silent = fromFileUrl(new URL("silent_clients.ts", import.meta.url));

function commandOf(
  kind: Kind,
  { url, connections, seconds }: Attack,
): string[] {
  if (kind === "silence") {
    const { port } = new URL(url);
    return [
      ...[Deno.execPath(), "run", "--allow-net", silent],
      ...[port, `${connections}`, `${seconds}`],
    ];
  }
  return [
    ...["slowhttptest", ...kinds[kind], "-u", url, "-c", `${connections}`],
    // All of them within about three seconds.
    ...["-r", `${Math.ceil(connections / 3)}`, "-l", `${seconds}`],
    ...["-p", "5", "-v", "0"],
  ];
}

/** Attacks, and does something again and again until the attack is over. */
export async function underAttack(
  kind: Kind,
  attack: Attack,
  meanwhile: () => Promise<void>,
): Promise<void> {
  const raised = 'ulimit -n "$(ulimit -Hn)"; exec "$@"';
  const child = new Deno.Command("sh", {
    args: ["-c", raised, "sh", ...commandOf(kind, attack)],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let isOver = false;
  const ended = child.status.then(({ code }) => {
    isOver = true;
    return code;
  });
  // It ends by itself, but for a server that never lets it.
  const timer = setTimeout(
    () => child.kill("SIGKILL"),
    (attack.seconds + 30) * 1000,
  );
  try {
    while (!isOver) await meanwhile();
  } finally {
    if (!isOver) child.kill("SIGKILL");
    await ended;
    clearTimeout(timer);
  }
}

/** Content that a slow reader takes long for. */
export const slowlyRead = 5_000_000;
