// The Hono application on node:http, by Hono's own adapter.
//   node hono_on_node.mjs PORT
import { serve } from "@hono/node-server";
import { app } from "./hono_app.mjs";

const port = Number(process.argv[2]);
serve({ fetch: app.fetch, hostname: "127.0.0.1", port });
