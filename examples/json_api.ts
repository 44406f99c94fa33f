/**
 * A JSON API for notes, kept in memory: list them, add one, read one.
 *
 * ```sh
 * deno run --allow-net=127.0.0.1:8000 examples/json_api.ts
 * curl -d '{"text":"Buy tea"}' http://127.0.0.1:8000/notes
 * curl http://127.0.0.1:8000/notes/1
 * ```
 *
 * @module
 */

import {
  type Handler,
  HttpError,
  type PortableInfo,
  serve,
  toErrorResponse,
} from "@sluice/http";
import { csrf } from "@sluice/http/handlers";
import { on, route } from "@sluice/http/router";

const MAX_NOTES = 1000;
const notes = new Map<string, { id: string; text: string }>();

/** Reads the text of a note, and refuses everything else. */
async function readText(request: Request): Promise<string> {
  const value = await request.json().catch((error) => {
    // Other errors pass: the content may also be too large, or break off.
    if (!(error instanceof SyntaxError)) throw error;
    throw new HttpError(400, "The content is not valid JSON");
  });
  const text = value?.text;
  if (typeof text !== "string" || text === "" || text.length > 1000) {
    throw new HttpError(422, "`text` must be a string of 1 to 1000 characters");
  }
  return text;
}

/** `route` answers 404, 405 and OPTIONS; `csrf` refuses pages of other sites. */
export const handler: Handler<PortableInfo> = csrf(route([
  on("GET", "/notes", () => Response.json([...notes.values()])),
  on("POST", "/notes", async (request) => {
    const text = await readText(request);
    if (notes.size >= MAX_NOTES) throw new HttpError(507, "No room for more");
    const id = `${notes.size + 1}`;
    notes.set(id, { id, text });
    const headers = { location: `/notes/${id}` };
    return Response.json({ id, text }, { status: 201, headers });
  }),
  on("GET", "/notes/:id", (_request, { id }) => {
    const note = notes.get(id);
    if (!note) throw new HttpError(404, "There is no such note");
    return Response.json(note);
  }),
]));

/** Errors are JSON (RFC 9457) for every client, whatever its `Accept` says. */
function answerError(error: unknown): Response {
  if (!(error instanceof HttpError)) throw error; // a bug: logged, and a 500
  return toErrorResponse(error, "application/json");
}

if (import.meta.main) {
  serve({
    port: 8000,
    hostname: "127.0.0.1",
    limits: { content: 10_000 }, // Deno.serve has no such limit
    // `serve` asks the first about an HttpError, Deno.serve the second.
    errorResponse: answerError,
    onError: answerError,
  }, handler);
}
