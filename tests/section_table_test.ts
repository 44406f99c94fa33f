import { assertEquals, assertThrows } from "@std/assert";
import { makeTable, replaceTable } from "./section_table.ts";

const ignore = (await Deno.permissions.query({
  name: "read",
  path: new URL(".", import.meta.url),
})).state !== "granted";

Deno.test(
  { name: "the table of sections is that of the tests", ignore },
  async () => {
    const readme = await Deno.readTextFile(
      new URL("README.md", import.meta.url),
    );
    const table = await makeTable();
    assertEquals(readme, replaceTable(readme, table), "deno task sections");
  },
);

Deno.test("a table is replaced, and what is around it stays", () => {
  const old =
    "Before\n\n| section | tests |\n| --- | --- |\n| a | 1 |\n\nAfter\n";
  assertEquals(replaceTable(old, "| $& |\n"), "Before\n\n| $& |\n\nAfter\n");
  assertThrows(() => replaceTable("no table\n", "| new |\n"));
});
