/** An upload that tells, while it runs, how much has come: by 102 (RFC 2518 §10.1). */

import { type Handler, serve } from "../mod.ts";

/** Counts the octets; says so each so many. */
export function countUpload(each: number): Handler {
  return async (request, info) => {
    let received = 0;
    let told = 0;
    for await (const { length } of request.body ?? []) {
      received += length;
      if (received - told < each) continue;
      told = received;
      await info.sendInformational(102, { "upload-offset": `${received}` });
    }
    return Response.json({ received });
  };
}

if (import.meta.main) {
  serve(
    { port: 8000, hostname: "127.0.0.1", limits: { content: 1 << 30 } },
    countUpload(1 << 20),
  );
}
