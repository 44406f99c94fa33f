import { assertEquals } from "@std/assert";
import { makePage, page } from "./section_table.ts";

const ignore =
  (await Deno.permissions.query({ name: "read" })).state !== "granted";

Deno.test(
  { name: "the table of sections is that of the tests", ignore },
  async () => {
    const text = await Deno.readTextFile(page);
    assertEquals(text, await makePage(), "deno task sections");
  },
);
