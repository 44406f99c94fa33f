/**
 * No field takes the processor: each that is read costs little, whatever is in it.
 * `deno task bench:fields` measures that, and is a step of the gate; here is what
 * makes it true of every field, and of the reader that is meant.
 */

import { assert, assertEquals } from "@std/assert";
import { noDisk } from "../files/scratch.ts";
import { startApplication } from "./application.ts";
import { labelOf, octetsOf, readFields, toldOf } from "./fields.ts";

const root = new URL("../../", import.meta.url);

Deno.test({
  name: "each field of the table reaches its reader",
  ignore: noDisk,
  async fn() {
    await using application = await startApplication();
    for (const field of readFields) {
      const { harmless, answer, other, otherAnswer } = field;
      const tell = async (value: string | null) =>
        toldOf(field, await application.ask(octetsOf(field, value)));
      assertEquals(await tell(harmless), answer, labelOf(field));
      assertEquals(await tell(other), otherAnswer, labelOf(field));
    }
  },
});

/** What else is looked up by the same methods: no client chose it, or no field. */
const noFields: Record<string, string[]> = {
  "a field of a response": ["cache-control", "etag", "retry-after", "vary"],
  "a part of a query": [
    "expires",
    "key",
    "signature",
    ...["download", "existing", "filter", "limit", "offset", "order"],
    ...["after", "count", "end", "received", "search", "sort", "undo"],
    ...["wait", "zip"],
  ],
  "a parameter of a field that is in the table": [
    ...["filename", "name", "for", "proto"],
  ],
  "a part of a form's content": ["name", "password", "path", "to"],
  "any content coding": ["*"],
  "a mistake that a lesson asks for": ["host ", "host\\t"],
};

/** Where a name comes from a list, which is in the table by hand. */
const byList: Record<string, string[]> = {
  // It hands all fields of a trusted proxy to the propagators of OpenTelemetry.
  "lib/server/tracing.ts": ["traceparent"],
  "lib/files/draft_fields.ts": [
    ...["forwarded", "via", "x-forwarded-for", "x-forwarded-host"],
    ...["x-forwarded-proto", "x-real-ip"],
  ],
  "lib/files/resumable_fields.ts": [
    ...["if-match", "if-none-match", "if-unmodified-since", "repr-digest"],
    ...["tus-resumable", "upload-complete", "upload-defer-length"],
    ...["upload-draft-interop-version", "upload-incomplete"],
    ...["upload-length", "upload-offset"],
  ],
  "lib/handlers/preconditions.ts": [
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
  ],
};

const literal =
  /\.(?:get|has|tokens|values)\(\s*"([^"]+)"|\bcountOf\(\s*headers,\s*"([^"]+)"/g;
const variable = /\b[hH]eaders\??\.(?:get|has)\(\s*[a-z]\w*\s*\)/;
const accept = /\baccepts\(\s*(?:request|\{ headers \})\s*,/;

/** Path and code, without comments, of the modules that may read a field. */
function* sources(folder = "lib/"): Generator<[string, string]> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, root))) {
    const path = folder + name;
    if (["lib/page/browser", "lib/lazy"].includes(path)) continue;
    if (isDirectory) yield* sources(`${path}/`);
    else if (name.endsWith(".ts")) {
      const text = Deno.readTextFileSync(new URL(path, root));
      yield [path, text.replace(/^\s*(?:\/?\*|\/\/).*$/gm, "")];
    }
  }
}

Deno.test({
  name: "the table has every field that is read",
  ignore: noDisk,
  fn() {
    const known = new Set([
      ...readFields.map(({ name }) => name),
      ...Object.values(noFields).flat(),
    ]);
    const missing: string[] = [];
    const want = (path: string, names: string[]) =>
      missing.push(
        ...names.filter((name) => !known.has(name))
          .map((name) => `${path} reads ${name}`),
      );
    let count = 0;
    for (const [path, code] of sources()) {
      const names = [...code.matchAll(literal)]
        .map(([, one, other]) => (one ?? other).toLowerCase());
      count += names.length;
      want(path, names);
      if (accept.test(code)) want(path, ["accept"]);
      if (!variable.test(code)) continue;
      if (byList[path]) want(path, byList[path]);
      else {missing.push(
          `${path} reads a field whose name is not written there`,
        );}
    }
    assertEquals(missing, []);
    assert(count > 40, `${count} were found`);
  },
});
