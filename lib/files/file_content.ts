/**
 * An open file goes in, its octets come out, and the file is closed: as a byte
 * stream, at its end, on an error and on cancel; or at once, which suits small
 * ones. It does not know names or types.
 *
 * @module
 */

/** Octets read at once for a reader that lends no buffer. */
const chunkSize = 64 * 1024;

/**
 * The next `length` octets of a file: what a file gains in the meantime is left
 * out; when it loses some, the stream errs, since its length was announced.
 */
export function fileContent(
  file: Deno.FsFile,
  length: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let left = length;
  let isOpen = true;
  const close = () => {
    if (isOpen) file.close();
    isOpen = false;
  };
  return new ReadableStream({
    type: "bytes",
    start(controller) {
      if (left > 0) return;
      close();
      controller.close();
    },
    async pull(controller) {
      const lent = controller.byobRequest;
      try {
        const buffer = bytesOf(lent?.view, Math.min(chunkSize, left));
        const octets = await file.read(buffer.subarray(0, left));
        if (!isOpen) return; // cancelled meanwhile
        if (octets === null) throw new Error("The file became shorter");
        left -= octets;
        if (left === 0) close();
        if (lent) lent.respond(octets);
        else controller.enqueue(buffer.subarray(0, octets));
        if (left === 0) controller.close();
      } catch (error) {
        close();
        throw error;
      }
    },
    cancel: close,
  });
}

/** The next octets of a file, `length` or as many as there are; closes it. */
export function readContent(
  file: Deno.FsFile,
  length: number,
): Uint8Array<ArrayBuffer> {
  using _closed = file;
  const octets = new Uint8Array(length);
  let end = 0;
  while (end < length) {
    const count = file.readSync(octets.subarray(end));
    if (count === null) break;
    end += count;
  }
  return octets.subarray(0, end);
}

function bytesOf(
  view: ArrayBufferView<ArrayBuffer> | null | undefined,
  size: number,
): Uint8Array<ArrayBuffer> {
  return view
    ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
    : new Uint8Array(size);
}
