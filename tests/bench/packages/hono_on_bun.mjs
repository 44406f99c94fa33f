// The Hono application under Bun.serve.
//   bun hono_on_bun.mjs PORT
import { app } from "./hono_app.mjs";

const port = Number(process.argv[2]);
globalThis.Bun.serve({ hostname: "127.0.0.1", port, fetch: app.fetch });
