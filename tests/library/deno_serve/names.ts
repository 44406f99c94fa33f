/**
 * Prints the tests that a module declares, one a line of JSON, and runs none of
 * them: to be loaded before that module.
 *
 * @module
 */

type Part = string | { name?: string; fn?: unknown } | undefined;

function declare(...parts: Part[]): void {
  const name = parts
    .map((part) => typeof part === "string" ? part : part?.name)
    .find(Boolean);
  const startsServer = parts.some((part) => {
    const code = typeof part === "object" ? part.fn : part;
    return String(code).includes("Deno.serve(");
  });
  console.log(JSON.stringify({ name, startsServer }));
}

Object.defineProperty(Deno, "test", {
  value: Object.assign(declare, { ignore: declare, only: declare }),
});
