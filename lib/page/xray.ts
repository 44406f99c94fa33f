/**
 * The X-ray of a server: what its recorder has seen goes in, a page that shows
 * it comes out, live. It answers to names of this machine alone.
 *
 * @module
 */

import { hostOf, isLoopbackHost } from "../authority.ts";
import { HttpError } from "../errors.ts";
import type { Handler, RouteHandler } from "../handler.ts";
import type { Observer } from "../observer.ts";
import { dissect } from "./anatomy.ts";
import { type NavigationLink, respondWithPage } from "./document.ts";
import { ExchangeEvents } from "./exchange_events.ts";
import { markup } from "./markup.ts";
import { type RecordedExchange, Recorder } from "./recorder.ts";

/** Hands octets to the server as if they had come from a client. */
export type SendOctets = (
  octets: ReadableStream<Uint8Array>,
  client: string,
) => Promise<Uint8Array>;

/** The X-ray, as the application joins it to the server and to its routes. */
export class Xray {
  /** Sends what was typed. To be set before the first request. */
  send: SendOctets = () => Promise.reject(new HttpError(503, "Not ready yet"));
  #recorder = new Recorder(isOwn);
  #watching = new Set<ExchangeEvents>();
  #typed = 0;

  /** Watches the server. */
  get observer(): Observer {
    return this.#recorder;
  }

  /** Ends what would keep a server from shutting down. */
  close(): void {
    for (const events of this.#watching) events.end();
  }

  /** Answers `GET /xray`. */
  page(navigation: readonly NavigationLink[]): Handler {
    return (request) => {
      refuseOtherHost(request);
      return respondWithPage({
        title: "X-ray – Sluice",
        content,
        script: "xray.js",
        styles: ["xray.css"],
        here: "/xray",
      }, navigation);
    };
  }

  /** Answers `GET /xray/events`: each exchange, when it begins and as it goes on. */
  readonly events: Handler = (request) => {
    refuseOtherHost(request);
    const events = new ExchangeEvents(
      this.#recorder,
      () => this.#watching.delete(events),
    );
    this.#watching.add(events);
    return new Response(events.open(), {
      headers: {
        "cache-control": "no-store",
        "content-type": "text/event-stream",
      },
    });
  };

  /** Answers `GET /xray/exchanges/:id` with all that is known of it. */
  readonly exchange: RouteHandler = (request, _info, match) => {
    refuseOtherHost(request);
    const exchange = this.#recorder.get(Number(match.pathname.groups.id));
    if (!exchange) {
      throw new HttpError(404, "This exchange is not kept any more");
    }
    const { summary, stages } = exchange;
    return Response.json({
      ...summary,
      stages,
      messages: (["request", "response"] as const).map((side) => {
        const { octets, length } = exchange[side];
        const parts = dissect(octets, side);
        return { side, length, octets: octets.toBase64(), parts };
      }),
    }, { headers: { "cache-control": "no-store" } });
  };

  /** Answers `DELETE /xray/exchanges`: forgets them. */
  readonly clear: Handler = (request) => {
    refuseOtherHost(request);
    this.#recorder.clear();
    return new Response(null, { status: 204 });
  };

  /** Answers `POST /xray/send`: the octets of the content come from a client. */
  readonly typed: Handler = async (request) => {
    refuseOtherHost(request);
    const client = `typed ${++this.#typed}`;
    const octets = request.body ?? ReadableStream.from([]);
    const answer = await this.send(octets, client);
    return Response.json({ client, length: answer.length });
  };
}

/** The page's own traffic would show itself without end. */
function isOwn({ client, requestLine }: RecordedExchange): boolean {
  return !client.startsWith("typed ") &&
    /^\/(?:xray|page)(?:[/?]|$)/.test(requestLine.target);
}

/**
 * A page that somebody else's name server points here (DNS rebinding) could
 * else read what others send.
 */
function refuseOtherHost({ url }: Request): void {
  if (isLoopbackHost(hostOf(url))) return;
  throw new HttpError(
    403,
    "X-ray answers to names of this machine only, such as localhost",
  );
}

const content = markup`<h1>X-ray</h1>
<p>What crosses the wire, octet by octet. Open this server in <a href="/files/" target="_blank">another tab</a>, or ask it with curl: each exchange shows up here.</p>
<p class="danger without-script">X-ray needs JavaScript: it shows what happens at this moment.</p>
<details id="typed" class="panel with-script">
<summary>Type a request</summary>
<form id="send">
<label for="octets">The octets of a request, right or wrong. <code>\\r</code>, <code>\\n</code>, <code>\\t</code>, <code>\\0</code>, <code>\\\\</code> and <code>\\x7f</code> stand for what can't be typed.</label>
<textarea id="octets" rows="7" spellcheck="false" autocapitalize="off">GET /echo/hello HTTP/1.1
Host: localhost

</textarea>
<div class="row">
<label for="line-end">Each line ends with</label>
<select id="line-end"><option value="crlf">CR LF, as it should</option><option value="lf">LF alone</option><option value="cr">CR alone</option><option value="none">nothing</option></select>
<label for="sample">Try</label>
<select id="sample"></select>
<button class="main">Send</button>
</div>
</form>
</details>
<div id="xray" class="with-script">
<section aria-labelledby="exchanges-title">
<div class="row"><h2 id="exchanges-title">Exchanges</h2>
<label class="heard" for="filter">Show those that contain</label>
<input type="search" id="filter" placeholder="Filter" autocomplete="off">
<button type="button" id="pause" aria-pressed="false">Pause</button>
<button type="button" id="clear">Clear</button></div>
<ul id="exchanges" aria-label="Exchanges, the latest first"></ul>
<p id="none" class="muted">None yet.</p>
</section>
<section id="details" aria-label="The chosen exchange" tabindex="-1"><p class="muted">Choose an exchange to see its octets.</p></section>
</div>
<p id="status" role="status"></p>
`;
