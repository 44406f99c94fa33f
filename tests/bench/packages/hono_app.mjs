// An application on Hono, for whichever server.
import { Hono } from "hono";

export const app = new Hono();

app.get("/echo/:text", (context) => context.text(context.req.param("text")));
