/**
 * Drops what a listening server needs no more, then tells what is left.
 *
 *     deno run --allow-all dropped_permissions.ts [PATH_TO_WRITE]
 *
 * @module
 */
import { dropTheRest, obtain } from "../../lib/cli/permissions.ts";

const names = [
  ...["read", "write", "net", "run", "env", "ffi", "sys", "import"] as const,
];

for (const path of Deno.args) await obtain({ name: "write", path });
await dropTheRest();
const states = names.map(async (name) => {
  const { state } = await Deno.permissions.query({ name });
  return [name, state];
});
console.log(JSON.stringify(Object.fromEntries(await Promise.all(states))));
