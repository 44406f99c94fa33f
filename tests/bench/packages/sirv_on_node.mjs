// sirv on node:http, as it is meant for production: it looks through the site
// once, when it starts.
//   node sirv_on_node.mjs PORT SITE
import { createServer } from "node:http";
import sirv from "sirv";

const [port, site] = process.argv.slice(2);
createServer(sirv(site)).listen(Number(port), "127.0.0.1");
