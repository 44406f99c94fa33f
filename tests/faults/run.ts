/**
 * Runs the tests with faults, then prints which fault was injected how often,
 * and how often its promise was broken.
 *
 *     deno task test:faults [FILE…]
 *     deno task test:faults:long [--write] [FILE…]
 *     deno task test:soak [FILE…]
 *
 * `--write` also puts the table into docs/reliability.md.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { type Row, tableOf } from "./fault.ts";
import type { Form } from "./form.ts";

const pathOf = (name: string) => fromFileUrl(new URL(name, import.meta.url));
const page = pathOf("../../docs/reliability.md");

const has = (flag: string) => Deno.args.includes(flag);
const form: Form = has("--soak") ? "soak" : has("--long") ? "long" : "short";
const named = Deno.args.filter((arg) => !arg.startsWith("--"));
const files = form === "soak" && named.length === 0 ? ["soak_test.ts"] : named;

/** Runs the tests. @returns their exit code, and the rows that they wrote. */
async function runTests(): Promise<{ code: number; rows: Row[] }> {
  const path = await Deno.makeTempFile();
  try {
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--allow-all", ...files],
      cwd: pathOf("."),
      env: { FAULTS_FORM: form, FAULTS_ROWS: path },
    }).spawn().status;
    const lines = (await Deno.readTextFile(path)).trimEnd().split("\n");
    const rows = lines.filter((line) => line !== "");
    return { code, rows: rows.map((line) => JSON.parse(line)) };
  } finally {
    await Deno.remove(path);
  }
}

/** Puts the table in the place of the one that is there. */
async function writeTable(table: string): Promise<void> {
  const text = await Deno.readTextFile(page);
  const old = /^\| fault .*\n(?:\|.*\n)+/m;
  if (!old.test(text)) throw new Error(`Cannot find the table in ${page}`);
  await Deno.writeTextFile(page, text.replace(old, () => table));
}

const { code, rows } = await runTests();
const table = tableOf(rows);
console.log(`\n${table}`);
if (has("--write")) await writeTable(table);
Deno.exit(code);
