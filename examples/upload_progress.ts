/**
 * An upload with progress: the browser shows it, and the server counts while it
 * reads. What comes is counted and dropped, so it needs no room.
 *
 * ```sh
 * deno run --allow-net=127.0.0.1:8000 examples/upload_progress.ts
 * curl -v --data-binary @FILE http://127.0.0.1:8000/
 * ```
 *
 * @module
 */

import { type Handler, type PortableInfo, serve } from "@sluice/http";

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Upload</title>
<form><input type="file" name="file" required aria-label="File">
<button>Upload</button></form>
<progress value="0" aria-label="Progress"></progress> <output></output>
<script>
  const form = document.querySelector("form");
  const output = document.querySelector("output");
  form.onsubmit = (event) => {
    event.preventDefault();
    // Unlike fetch, XMLHttpRequest tells how much has been sent.
    const request = new XMLHttpRequest();
    request.upload.onprogress = ({ loaded, total }) => {
      document.querySelector("progress").value = total ? loaded / total : 0;
    };
    request.onload = () => output.value = request.responseText;
    request.onerror = () => output.value = "The upload broke off";
    request.open("POST", "/");
    request.send(form.elements.file.files[0]);
  };
</script>
</html>
`;

/** Gives out the page, and counts what is sent from it. */
export const handler: Handler<PortableInfo> = async (request, info) => {
  if (request.method !== "POST") {
    return new Response(page, {
      headers: { "content-type": "text/html; charset=utf-8" },
    });
  }
  let received = 0;
  let told = 0;
  // The client is read from only as fast as this loop takes what it sends.
  for await (const chunk of request.body ?? []) {
    received += chunk.length;
    if (received - told < 1 << 20) continue;
    told = received;
    console.log(`${received} bytes so far`);
    // Tells the client as well (RFC 2518 §10.1). Deno.serve has no such thing.
    await info.sendInformational?.(102, { "upload-offset": `${received}` });
  }
  return Response.json({ received });
};

if (import.meta.main) {
  // The default, 10 MiB, is for forms and JSON. Deno.serve has no such limit.
  const limits = { content: 1 << 30 };
  serve({ port: 8000, hostname: "127.0.0.1", limits }, handler);
}
