/**
 * The second server of the command, for those who operate it: metrics and
 * health, on an address of their own. It does not know what the first one
 * serves, and counts none of its own requests.
 *
 * @module
 */

import { authorityOf } from "../authority.ts";
import type { Health } from "../operations/health.ts";
import { type Metrics, METRICS_TYPE } from "../operations/metrics.ts";
import { route } from "../router/router.ts";
import type { HttpServer } from "../server/http_server.ts";
import { AllowedHosts } from "./allowed_hosts.ts";
import { listen } from "./start.ts";

export { Metrics } from "../operations/metrics.ts";

/** More than any number of scrapers and balancers. */
const CONNECTIONS = 64;

/** What the second server tells of the first. */
export interface Watched {
  health: Health;
  /** Tells the metrics, in the text format of Prometheus. */
  scrape(): Promise<string>;
}

/** Listens for scrapers; throws a StartError that says what to change. */
export function startAdmin(
  address: { hostname: string; port: number },
  watched: Watched,
): Promise<HttpServer> {
  const hosts = new AllowedHosts({
    host: address.hostname,
    // The names of --allow-host may point to pages of others.
    names: [],
    advice: "ask for its address instead",
  });
  const handler = watched.health.guard(scraped(watched));
  return listen(
    { ...address, limits: { connections: CONNECTIONS } },
    hosts.guard(handler),
    {
      port: "--admin",
      host: "--admin",
      anyPort: `--admin ${authorityOf({ ...address, port: 0 })}`,
    },
  );
}

function scraped({ scrape }: Watched) {
  return route([{
    method: "GET",
    pattern: "/-/metrics",
    handler: async () =>
      new Response(await scrape(), {
        headers: { "content-type": METRICS_TYPE, "cache-control": "no-store" },
      }),
  }]);
}

/** Tells the metrics of a server and of this process. */
export function scrapeOf(
  metrics: Metrics,
  server: Pick<HttpServer, "connections">,
): () => Promise<string> {
  return async () => {
    const lag = await eventLoopLag();
    return metrics.text({ connections: server.connections, lag });
  };
}

/**
 * Seconds until a timer fires that is due at once. Immediates and messages get
 * ahead of sockets that are ready, and would tell of no lag.
 */
async function eventLoopLag(): Promise<number> {
  const start = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 0));
  return (performance.now() - start) / 1000;
}
