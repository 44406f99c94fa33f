/**
 * What was found is kept as a file each in `tests/messages/found/`, to be tried
 * again with every run of the tests.
 *
 * @module
 */

/** Octets that broke the invariant, and where they come from. */
export interface Finding {
  level: string;
  seed: number;
  number: number;
  fault: string;
  octets: string;
}

const folder = new URL("../messages/found/", import.meta.url);

/** Writes a finding; gives its path. */
export async function saveFinding(finding: Finding): Promise<string> {
  const { level, seed, number } = finding;
  const url = new URL(`${level}-${seed}-${number}.json`, folder);
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(url, formatFinding(finding));
  return url.pathname;
}

/** JSON whose strings are ASCII alone, whatever the octets are. */
export function formatFinding(finding: Finding): string {
  const json = JSON.stringify(finding, null, 2).replaceAll(
    /[\x7f-\uffff]/g,
    (character) =>
      `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return json + "\n";
}

/** Reads all that was found, by file name. */
export async function readFindings(): Promise<Map<string, Finding>> {
  const findings = new Map<string, Finding>();
  for await (const { name } of Deno.readDir(folder)) {
    const text = await Deno.readTextFile(new URL(name, folder));
    findings.set(name, JSON.parse(text));
  }
  return findings;
}
