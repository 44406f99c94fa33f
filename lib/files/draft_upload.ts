/**
 * Speaks draft-ietf-httpbis-resumable-upload for the uploads that
 * `upload_receiver.ts` receives: what begins one, HEAD, PATCH and DELETE.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import type { PortableInfo } from "../handler.ts";
import {
  type Draft,
  draftOf,
  lengthOf,
  mayGetInterim,
  problem,
} from "./draft_fields.ts";
import { countOf, hasContent, marked } from "./resumable_fields.ts";
import {
  isFull,
  type ReceivedFile,
  type UploadReceiver,
  type UploadTarget,
} from "./upload_receiver.ts";
import type { OpenUpload } from "./upload_store.ts";

/** Uploads of clients that speak the draft. */
export class DraftUploads {
  readonly #receiver: UploadReceiver;
  readonly #path: string;

  /** @param path The path below which the uploads are. */
  constructor(receiver: UploadReceiver, path: string) {
    this.#receiver = receiver;
    this.#path = path;
  }

  /** Begins an upload, with the content that the request has. */
  async create(
    target: UploadTarget,
    request: Request,
    info: PortableInfo,
  ): Promise<Response> {
    const draft = draftOf(request.headers);
    return await this.#create(target, request, { draft, info })
      .catch((cause) => this.#reject(cause, draft));
  }

  async #create(
    target: UploadTarget,
    request: Request,
    { draft, info }: { draft: Draft; info: PortableInfo },
  ): Promise<Response> {
    const { headers } = request;
    const { limit, store } = this.#receiver;
    if (headers.has("upload-offset")) {
      throw new HttpError(400, "Upload-Offset has no meaning for a new upload");
    }
    const isComplete = draft.completeness(headers);
    const length = lengthOf(headers, isComplete, { offset: 0, limit });
    using upload = await this.#receiver.begin(target, request, { length });
    const location = this.#path + upload.token;
    let isTold = false;
    const forget = () => store.remove(upload.token);
    try {
      if (mayGetInterim(request) && info.sendInformational) {
        const fields = { location, ...draft.fields(limit) };
        await info.sendInformational(104, fields);
        isTold = true;
      }
      const file = await this.#append(upload, request, { draft, isComplete });
      const isKnown = isTold || !file || draft.namesCompleteUpload;
      // No client will ask for its state.
      if (!isKnown) await forget();
      // A client that does not get the response does not know the upload.
      else if (!isTold) info.completed.catch(forget);
      const response = file
        ? this.#stored(upload.offset, draft, file)
        : this.#taken(upload, draft, 201);
      if (!file || draft.namesCompleteUpload) {
        response.headers.set("location", location);
      }
      return response;
    } catch (error) {
      const tell = (offset: number) => {
        const fields = draft.progress(offset, false, limit);
        fields.set("location", location);
        return fields;
      };
      throw await this.#receiver.broken(
        upload,
        error,
        isTold ? tell : undefined,
      );
    }
  }

  /** Answers a request for an upload. */
  async answer(
    token: string,
    method: string,
    request: Request,
  ): Promise<Response> {
    const draft = draftOf(request.headers);
    return await this.#answer(token, method, { request, draft })
      .catch((cause) => this.#reject(cause, draft));
  }

  async #answer(
    token: string,
    method: string,
    { request, draft }: { request: Request; draft: Draft },
  ): Promise<Response> {
    if (method === "PATCH") return await this.#goOn(token, request, draft);
    draft.refuseProgress(request.headers);
    if (method === "HEAD") return await this.#tell(token, request, draft);
    await this.#receiver.store.read(token);
    await this.#receiver.store.remove(token);
    return new Response(null, { status: 204 });
  }

  #reject(cause: unknown, draft: Draft): never {
    throw marked(cause, draft.fields(this.#receiver.limit));
  }

  async #tell(
    token: string,
    { signal }: Request,
    draft: Draft,
  ): Promise<Response> {
    const { limit, store } = this.#receiver;
    const tell = (offset: number) => draft.progress(offset, false, limit);
    const { record, offset } = draft.completesByLength
      ? await this.#receiver.settledProgressOf(token, signal, tell)
      : await store.progressOf(token);
    const headers = draft.progress(offset, record.done !== undefined, limit);
    if (record.length !== undefined) {
      headers.set("upload-length", `${record.length}`);
    }
    return new Response(null, { status: 204, headers });
  }

  async #goOn(
    token: string,
    request: Request,
    draft: Draft,
  ): Promise<Response> {
    const { headers } = request;
    const { limit, store } = this.#receiver;
    draft.refuseOtherType(headers);
    const provided = countOf(headers, "upload-offset");
    if (provided === undefined) {
      throw new HttpError(400, "Upload-Offset is missing");
    }
    const isComplete = draft.completeness(headers);
    const { done, length: end } = await store.read(token);
    if (done !== undefined) {
      const endsAgain = draft.completesByLength && isComplete &&
        provided === end && !hasContent(request);
      return endsAgain
        ? this.#stored(provided, draft, { isCreated: false, entityTag: done })
        : problem(400, "completed-upload", "The upload is already complete");
    }
    using upload = await store.open(token);
    const { record, offset } = upload;
    if (provided !== offset) return mismatch(offset, provided);
    try {
      const length = lengthOf(headers, isComplete, { offset, limit });
      if (length !== undefined) {
        await this.#receiver.declareLength(upload, length);
      }
      await this.#receiver.refuseMore(record.length, headers, offset);
      const file = await this.#append(upload, request, { draft, isComplete });
      return file
        ? this.#stored(upload.offset, draft, file)
        : this.#taken(upload, draft, draft.statusOfPart);
    } catch (error) {
      const tell = (offset: number) => draft.progress(offset, false, limit);
      throw await this.#receiver.broken(upload, error, tell);
    }
  }

  #append(
    upload: OpenUpload,
    request: Request,
    { draft, isComplete }: { draft: Draft; isComplete: boolean },
  ): Promise<ReceivedFile | undefined> {
    const ends = () => isComplete || draft.completesByLength && isFull(upload);
    return this.#receiver.append(upload, request, ends);
  }

  /** Answers for a part that has arrived. */
  #taken({ offset }: OpenUpload, draft: Draft, status: number): Response {
    const headers = draft.progress(offset, false, this.#receiver.limit);
    return new Response(null, { status, headers });
  }

  /** Answers for an upload that is a file now. */
  #stored(
    offset: number,
    draft: Draft,
    { isCreated, entityTag, location }: ReceivedFile,
  ): Response {
    const headers = draft.progress(offset, true, this.#receiver.limit);
    headers.set("etag", entityTag);
    if (isCreated && location) headers.set("location", location);
    return new Response(null, { status: isCreated ? 201 : 204, headers });
  }
}

function mismatch(offset: number, provided: number): Response {
  return problem(
    409,
    "mismatching-upload-offset",
    "Upload-Offset does not match the upload",
    { "expected-offset": offset, "provided-offset": provided },
  );
}
