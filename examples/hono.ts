/** An application on Hono: its `fetch` is a handler. */

import { Hono } from "hono";
import { serve } from "../mod.ts";

/** The application. */
export const app: Hono = new Hono();

app.get("/", (context) => context.text("Hello from Hono"));
app.get(
  "/posts/:id",
  (context) => context.json({ id: context.req.param("id") }),
);

if (import.meta.main) serve({ port: 8000, hostname: "127.0.0.1" }, app.fetch);
