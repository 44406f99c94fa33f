/** A request as our own server makes it, which light responses answer. */
import { lightRequest } from "../../lib/light/light_request.ts";

export const request: Request = lightRequest({
  method: "GET",
  url: () => "http://localhost/",
  lines: [],
  body: () => null,
  signal: () => new AbortController().signal,
});
