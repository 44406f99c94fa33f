/** Resumable uploads to a directory, as a client sees them. */

import { assert, assertEquals } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { Directory } from "../../lib/files/directory.ts";
import {
  ResumableUploads,
  type ResumableUploadsOptions,
} from "../../lib/files/resumable_upload.ts";
import { upload } from "../../lib/files/upload.ts";
import type { Handler, PortableInfo } from "../../lib/handler.ts";
import { route } from "../../lib/router/router.ts";
import { localInfo } from "../support/local_info.ts";

/** A handler that receives files, and its uploads. */
export async function open(
  root: string,
  options?: ResumableUploadsOptions,
): Promise<Handler<PortableInfo>> {
  const directory = await Directory.open(root);
  return receiving(directory, new ResumableUploads(directory, options));
}

/** A handler that receives files, in these uploads if there are any. */
export function receiving(
  directory: Directory,
  resumable: ResumableUploads | undefined,
): Handler<PortableInfo> {
  const files = {
    method: ["PUT", "POST"],
    pattern: new URLPattern({ pathname: "/files/*" }),
    handler: upload(directory, { resumable }),
  };
  if (!resumable) return route([files]);
  return route([files, {
    method: ["HEAD", "PATCH", "DELETE", "POST"],
    pattern: new URLPattern({ pathname: "/uploads/:token" }),
    handler: resumable.handler,
  }]);
}

export type Fields = Record<string, string | number>;

export interface Interim {
  status: number;
  headers: Headers;
}

/** Asks; what a handler throws becomes its status. */
export async function ask(
  handler: Handler<PortableInfo>,
  method: string,
  path: string,
  fields: Fields = {},
  body?: BodyInit,
): Promise<Response & { interim: Interim[] }> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(fields)) {
    headers.set(name, `${value}`);
  }
  const interim: Interim[] = [];
  const info = {
    ...localInfo,
    sendInformational(status: number, init?: HeadersInit) {
      interim.push({ status, headers: new Headers(init) });
      return Promise.resolve();
    },
  };
  const url = `http://localhost${path}`;
  const answering = async () =>
    await handler(new Request(url, { method, headers, body }), info);
  const response = await answering().catch((error) => {
    assert(error instanceof HttpError, String(error));
    const { message, status, headers } = error;
    return new Response(message, { status, headers });
  });
  return Object.assign(response, { interim });
}

/** Says that a client knows what a 104 is. */
export const announced = { "upload-draft-interop-version": "8" };

/** Content that breaks off. */
export function broken(text: string): ReadableStream {
  const chunks = [new TextEncoder().encode(text)];
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk) controller.enqueue(chunk);
      else controller.error(new Error("The client is gone"));
    },
  }, { highWaterMark: 0 });
}

export const partial = { "content-type": "application/partial-upload" };

export function more(offset: number, complete: "?0" | "?1"): Fields {
  return { ...partial, "upload-offset": offset, "upload-complete": complete };
}

/** Begins one with these octets, and tells where it is. */
export async function begin(
  handler: Handler<PortableInfo>,
  text: string,
  fields: Fields = {},
): Promise<string> {
  const response = await ask(handler, "PUT", "/files/a.txt", {
    "upload-complete": "?0",
    ...fields,
  }, text);
  assertEquals(response.status, 201);
  return response.headers.get("location")!;
}

/** Asserts what a client is told of an upload. */
export async function assertOffset(
  handler: Handler<PortableInfo>,
  path: string,
  offset: number,
  complete: "?0" | "?1" = "?0",
): Promise<void> {
  const { status, headers } = await ask(handler, "HEAD", path);
  assertEquals(status, 204);
  assertEquals(headers.get("upload-offset"), `${offset}`);
  assertEquals(headers.get("upload-complete"), complete);
  assertEquals(headers.get("cache-control"), "no-store");
}

/** Content that stands still in the midst, until it may go on. */
export interface HeldContent {
  body: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Fulfilled when all before has been taken, and more is asked for. */
  reached: Promise<void>;
  goOn: () => void;
}

/** Makes such content; it ends after the second text. */
export function heldContent(before: string[], after: string[]): HeldContent {
  const reached = Promise.withResolvers<void>();
  const mayGoOn = Promise.withResolvers<void>();
  const encoder = new TextEncoder();
  const pieces = async function* () {
    for (const text of before) yield encoder.encode(text);
    reached.resolve();
    await mayGoOn.promise;
    for (const text of after) yield encoder.encode(text);
  };
  const body = ReadableStream.from(pieces());
  return { body, reached: reached.promise, goOn: mayGoOn.resolve };
}
