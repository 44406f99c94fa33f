/**
 * An application on Hono: its `fetch` is a handler. `--no-lock` leaves the
 * `deno.lock` of this repository as it is; in a project of your own, drop it.
 *
 * ```sh
 * deno run --no-lock --allow-net=127.0.0.1:8000 examples/hono.ts
 * curl http://127.0.0.1:8000/posts/7
 * ```
 *
 * @module
 */

import { serve } from "@sluice/http";
import { Hono } from "npm:hono@^4";

/** The application. Hono answers 404 itself, and 500 for what is thrown. */
export const app: Hono = new Hono();

app.get("/", (context) => context.text("Hello from Hono"));
app.get(
  "/posts/:id",
  (context) => context.json({ id: context.req.param("id") }),
);
app.post("/posts", async (context) => {
  const { title } = await context.req.json<{ title: string }>();
  return context.json({ title }, 201);
});

if (import.meta.main) serve({ port: 8000, hostname: "127.0.0.1" }, app.fetch);
