// The Hono application on node:http, by Hono's own adapter.
//   node hono_on_node.mjs PORT
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { honoApp } from "../peers/hono_app.mjs";

const port = Number(process.argv[2]);
serve({ fetch: honoApp(Hono).fetch, hostname: "127.0.0.1", port });
